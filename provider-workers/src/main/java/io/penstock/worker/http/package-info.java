/** The upstream HTTP client: one attempt, bounded in time and size, never repeated by itself. */
@NullMarked
package io.penstock.worker.http;

import org.jspecify.annotations.NullMarked;
