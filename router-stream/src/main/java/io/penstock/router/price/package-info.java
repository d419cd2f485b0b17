/** Pure: what tokens cost, what a request is charged for them, and the most that it can be. */
@NullMarked
package io.penstock.router.price;

import org.jspecify.annotations.NullMarked;
