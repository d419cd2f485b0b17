package io.penstock.worker.http;

/** Posts to providers. Thread-safe; blocks its caller, who is expected to be a virtual thread. */
public interface UpstreamClient extends AutoCloseable {

  /**
   * Makes one attempt, never a second one by itself, and tells how it ended.
   *
   * @param cancellation of this call
   */
  UpstreamResult post(UpstreamRequest request, Cancellation cancellation);

  /**
   * Does the same for a request that asks for a stream. An answer with another status than 200, or
   * whose content type is JSON, is no stream: it comes back whole, as from {@link #post}.
   *
   * @param listener takes the stream while it comes
   * @throws RuntimeException what the listener threw
   */
  UpstreamResult stream(UpstreamRequest request, BodyListener listener, Cancellation cancellation);

  /** Ends all connections; running calls end as cut off. */
  @Override
  void close();
}
