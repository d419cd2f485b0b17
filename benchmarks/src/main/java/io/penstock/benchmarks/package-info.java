/** Measurements; nothing here is part of the product. */
@NullMarked
package io.penstock.benchmarks;

import org.jspecify.annotations.NullMarked;
