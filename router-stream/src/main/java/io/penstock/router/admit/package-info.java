/** Pure: who may ask for which model, where it can be served and at what price. */
@NullMarked
package io.penstock.router.admit;

import org.jspecify.annotations.NullMarked;
