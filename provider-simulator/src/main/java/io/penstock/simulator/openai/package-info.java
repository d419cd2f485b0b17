/** What OpenAI reads and writes: requests, answers, chunks, embeddings and errors as bytes. */
@NullMarked
package io.penstock.simulator.openai;

import org.jspecify.annotations.NullMarked;
