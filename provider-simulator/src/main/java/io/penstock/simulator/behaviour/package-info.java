/** How long a call takes and what goes wrong with it: pure functions of a seed and of the call. */
@NullMarked
package io.penstock.simulator.behaviour;

import org.jspecify.annotations.NullMarked;
