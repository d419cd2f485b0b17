/**
 * From call records to outcome records: the poll loop, completion bitmaps, and what one call does.
 */
@NullMarked
package io.penstock.worker.engine;

import org.jspecify.annotations.NullMarked;
