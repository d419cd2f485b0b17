/** Pure: OpenAI's chat completions and embeddings, and every server that speaks them. */
@NullMarked
package io.penstock.worker.dialect.openai;

import org.jspecify.annotations.NullMarked;
