/**
 * Pure: the state machine of a batch, the pump's turn-taking, what a good input line is, what an
 * output line says.
 */
@NullMarked
package io.penstock.ingress.jobs;

import org.jspecify.annotations.NullMarked;
