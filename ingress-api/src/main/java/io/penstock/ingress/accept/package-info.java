/** Pure: what a valid request is, and who may send it. */
@NullMarked
package io.penstock.ingress.accept;

import org.jspecify.annotations.NullMarked;
