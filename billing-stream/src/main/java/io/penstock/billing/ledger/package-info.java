/**
 * The double-entry books as values: which entry a usage record makes, and what it does to the
 * balances.
 */
@NullMarked
package io.penstock.billing.ledger;

import org.jspecify.annotations.NullMarked;
