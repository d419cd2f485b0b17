/** Pure: what a caller may see, in the shape that the caller's client library expects. */
@NullMarked
package io.penstock.ingress.answer;

import org.jspecify.annotations.NullMarked;
