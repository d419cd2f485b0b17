/** Pure: server-sent events out of bytes that were cut anywhere. */
@NullMarked
package io.penstock.worker.dialect.sse;

import org.jspecify.annotations.NullMarked;
