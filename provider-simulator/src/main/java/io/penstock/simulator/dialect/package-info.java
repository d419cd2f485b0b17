/** What the shell asks of every provider's language. */
@NullMarked
package io.penstock.simulator.dialect;

import org.jspecify.annotations.NullMarked;
