/** Pure: what a provider's bytes mean, whatever its dialect. */
@NullMarked
package io.penstock.worker.dialect;

import org.jspecify.annotations.NullMarked;
