/** Sums over usage by day, key, model and pool, as values. */
@NullMarked
package io.penstock.billing.report;

import org.jspecify.annotations.NullMarked;
