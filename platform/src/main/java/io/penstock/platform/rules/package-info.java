/** The language of routing rules: what may be asked of a request. */
@NullMarked
package io.penstock.platform.rules;

import org.jspecify.annotations.NullMarked;
