/**
 * A provider that is not one: deterministic answers, real limits, planned faults, and a call log
 * that is the witness.
 */
@NullMarked
package io.penstock.simulator;

import org.jspecify.annotations.NullMarked;
