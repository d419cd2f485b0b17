package io.penstock.worker.http;

import java.net.URI;
import java.util.Map;

/**
 * One POST.
 *
 * @param uri where
 * @param headers besides those that HTTP itself needs
 * @param body JSON
 * @param timeouts how long it may take
 */
public record UpstreamRequest(
    URI uri, Map<String, String> headers, byte[] body, Timeouts timeouts) {}
