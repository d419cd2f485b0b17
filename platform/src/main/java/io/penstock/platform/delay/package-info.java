/** Records that wait for their time in a Kafka Streams store. */
@NullMarked
package io.penstock.platform.delay;

import org.jspecify.annotations.NullMarked;
