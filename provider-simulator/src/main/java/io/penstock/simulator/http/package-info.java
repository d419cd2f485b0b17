/** The shell: reads a request, asks the pure parts, waits, writes or breaks the answer, records. */
@NullMarked
package io.penstock.simulator.http;

import org.jspecify.annotations.NullMarked;
