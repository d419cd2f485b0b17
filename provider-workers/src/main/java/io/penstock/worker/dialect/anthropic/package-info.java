/** Pure: Anthropic's Messages, as a provider speaks it and as a caller does. */
@NullMarked
package io.penstock.worker.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
