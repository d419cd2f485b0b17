/** The HTTP client behind the command line. */
@NullMarked
package io.penstock.standalone.client;

import org.jspecify.annotations.NullMarked;
