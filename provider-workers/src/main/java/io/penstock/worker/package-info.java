/** Calls providers: one pool of work per provider and credential group. */
@NullMarked
package io.penstock.worker;

import org.jspecify.annotations.NullMarked;
