/** What is left out of the log, and why. */
@NullMarked
package io.penstock.standalone.logging;

import org.jspecify.annotations.NullMarked;
