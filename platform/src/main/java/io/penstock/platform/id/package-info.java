/** Unguessable ids, and hashes that ids are made of. */
@NullMarked
package io.penstock.platform.id;

import org.jspecify.annotations.NullMarked;
