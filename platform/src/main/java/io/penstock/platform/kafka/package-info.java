/** Kafka clients of one installation, made in one place. */
@NullMarked
package io.penstock.platform.kafka;

import org.jspecify.annotations.NullMarked;
