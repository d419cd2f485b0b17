/** How a failure is told to a caller. */
@NullMarked
package io.penstock.platform.error;

import org.jspecify.annotations.NullMarked;
