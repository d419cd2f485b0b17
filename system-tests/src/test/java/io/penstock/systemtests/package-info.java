/** The whole pipeline on a real broker; the provider simulator's call log is the witness. */
@NullMarked
package io.penstock.systemtests;

import org.jspecify.annotations.NullMarked;
