/** Metrics registry and the agreed keys of log events. */
@NullMarked
package io.penstock.platform.telemetry;

import org.jspecify.annotations.NullMarked;
