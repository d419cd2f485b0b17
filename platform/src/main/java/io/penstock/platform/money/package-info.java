/** Whole nano-USD, exact. */
@NullMarked
package io.penstock.platform.money;

import org.jspecify.annotations.NullMarked;
