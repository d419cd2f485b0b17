/** Requests and tokens per minute as a provider counts them; time is an argument. */
@NullMarked
package io.penstock.simulator.limit;

import org.jspecify.annotations.NullMarked;
