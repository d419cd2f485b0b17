package io.penstock.worker.http;

/** Posts to providers. Thread-safe; blocks its caller, who is expected to be a virtual thread. */
public interface UpstreamClient extends AutoCloseable {

  /** Makes one attempt, never a second one by itself, and tells how it ended. */
  UpstreamResult post(UpstreamRequest request);

  /** Ends all connections; running calls end as cut off. */
  @Override
  void close();
}
