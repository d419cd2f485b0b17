/**
 * Pure: requests, answers and streams as no provider spells them, so that any caller can speak to
 * any provider.
 */
@NullMarked
package io.penstock.worker.dialect.canonical;

import org.jspecify.annotations.NullMarked;
