/** The way of a stream to the caller who waits: events in, pieces on {@code replies} out. */
@NullMarked
package io.penstock.worker.stream;

import org.jspecify.annotations.NullMarked;
