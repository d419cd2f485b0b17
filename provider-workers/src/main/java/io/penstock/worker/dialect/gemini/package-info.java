/** Pure: Google's Gemini, as {@code generateContent} and its streaming kin speak it. */
@NullMarked
package io.penstock.worker.dialect.gemini;

import org.jspecify.annotations.NullMarked;
