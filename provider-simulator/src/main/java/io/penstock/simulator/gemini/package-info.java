/** Gemini's generateContent and embedContent: requests, answers, chunks and errors as bytes. */
@NullMarked
package io.penstock.simulator.gemini;

import org.jspecify.annotations.NullMarked;
