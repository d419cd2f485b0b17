/** Pure: prices of tokens, budgets in their windows, holds. */
@NullMarked
package io.penstock.router.budget;

import org.jspecify.annotations.NullMarked;
