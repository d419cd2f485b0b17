/** Tells organisations what happened to their money, at the endpoints that they named. */
@NullMarked
package io.penstock.billing.alert;

import org.jspecify.annotations.NullMarked;
