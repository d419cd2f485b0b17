/** The witness: every call as it was received and answered, in a few dozen bytes each. */
@NullMarked
package io.penstock.simulator.calls;

import org.jspecify.annotations.NullMarked;
