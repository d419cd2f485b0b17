package io.penstock.worker.dialect;

import org.jspecify.annotations.Nullable;

/**
 * One server-sent event.
 *
 * @param name its {@code event} field; absent when it has none
 * @param data its {@code data} lines, joined by line feeds
 */
public record ServerSentEvent(@Nullable String name, byte[] data) {}
