/** What is asked and what will be answered, whatever the dialect. */
@NullMarked
package io.penstock.simulator.inference;

import org.jspecify.annotations.NullMarked;
