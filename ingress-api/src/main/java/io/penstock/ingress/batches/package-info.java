/** Shell: batches over HTTP, and the driver that validates, dispatches, stops and writes them. */
@NullMarked
package io.penstock.ingress.batches;

import org.jspecify.annotations.NullMarked;
