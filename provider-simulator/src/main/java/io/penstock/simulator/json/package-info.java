/** Bytes that grow, with JSON written into them. */
@NullMarked
package io.penstock.simulator.json;

import org.jspecify.annotations.NullMarked;
