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
 * @param room memory for what the answer has beyond its first {@value #ANSWER_FREE_BYTES} bytes
 */
public record UpstreamRequest(
    URI uri, Map<String, String> headers, byte[] body, Timeouts timeouts, AnswerRoom room) {

  static final int ANSWER_FREE_BYTES = 128 << 10;

  /** Whose answer may be as large as the client allows. */
  public UpstreamRequest(URI uri, Map<String, String> headers, byte[] body, Timeouts timeouts) {
    this(uri, headers, body, timeouts, AnswerRoom.UNLIMITED);
  }
}
