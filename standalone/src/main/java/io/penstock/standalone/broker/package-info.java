/**
 * A real Kafka broker and controller (KRaft) inside this process, on 127.0.0.1, behind a password,
 * surviving kill -9.
 */
@NullMarked
package io.penstock.standalone.broker;

import org.jspecify.annotations.NullMarked;
