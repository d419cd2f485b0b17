/** HTTP server start-up with health and metrics. */
@NullMarked
package io.penstock.platform.http;

import org.jspecify.annotations.NullMarked;
