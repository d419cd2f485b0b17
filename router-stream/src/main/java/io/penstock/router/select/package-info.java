/** Pure: which targets may serve a request, in which order, and why. */
@NullMarked
package io.penstock.router.select;

import org.jspecify.annotations.NullMarked;
