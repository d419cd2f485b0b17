/** What crosses a process boundary: the topic catalogue, serdes and the registry of error codes. */
@NullMarked
package io.penstock.schemas;

import org.jspecify.annotations.NullMarked;
