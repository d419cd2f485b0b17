/** Removes blobs that nobody can ask for any more, some at a time, in the background. */
@NullMarked
package io.penstock.ingress.sweep;

import org.jspecify.annotations.NullMarked;
