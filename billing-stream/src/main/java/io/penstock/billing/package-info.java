/** 4 bill: usage in, ledger and balances out. */
@NullMarked
package io.penstock.billing;

import org.jspecify.annotations.NullMarked;
