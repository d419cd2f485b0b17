/** Pure: whether a whole answer is one that the caller can use. */
@NullMarked
package io.penstock.worker.dialect.judge;

import org.jspecify.annotations.NullMarked;
