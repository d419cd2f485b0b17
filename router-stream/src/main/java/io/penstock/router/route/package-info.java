/** Pure: the state machine of a request, its targets, and what each kind of failure leads to. */
@NullMarked
package io.penstock.router.route;

import org.jspecify.annotations.NullMarked;
