/** Pure: budgets in their windows, and holds. */
@NullMarked
package io.penstock.router.budget;

import org.jspecify.annotations.NullMarked;
