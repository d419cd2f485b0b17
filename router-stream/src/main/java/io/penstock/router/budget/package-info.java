/** Pure: budgets in their windows, credit, holds and what becomes of them. */
@NullMarked
package io.penstock.router.budget;

import org.jspecify.annotations.NullMarked;
