/**
 * Shell: the job view, a Kafka Streams application that knows every batch and its finished lines.
 */
@NullMarked
package io.penstock.ingress.stream;

import org.jspecify.annotations.NullMarked;
