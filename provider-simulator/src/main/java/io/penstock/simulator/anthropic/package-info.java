/** Anthropic's messages: requests, answers, events and errors as bytes. */
@NullMarked
package io.penstock.simulator.anthropic;

import org.jspecify.annotations.NullMarked;
