/** Reads the public topics as any consumer would, and checks that they say the same. */
@NullMarked
package io.penstock.billing.verify;

import org.jspecify.annotations.NullMarked;
