/** Unguessable ids. */
@NullMarked
package io.penstock.platform.id;

import org.jspecify.annotations.NullMarked;
