/** Pure: OpenAI's responses, as callers speak them and as providers answer them. */
@NullMarked
package io.penstock.worker.dialect.responses;

import org.jspecify.annotations.NullMarked;
