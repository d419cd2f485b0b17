package io.penstock.ingress.http;

import java.util.concurrent.atomic.AtomicLong;

/** Memory that all streams of this instance share for what waits to be read. Thread-safe. */
final class StreamRoom {

  private final long bytesMax;
  private final AtomicLong bytes = new AtomicLong();

  StreamRoom(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes memory; whether there was so much left. It is taken in any case. */
  boolean take(long more) {
    return bytes.addAndGet(more) <= bytesMax;
  }

  void give(long back) {
    bytes.addAndGet(-back);
  }

  /** Bytes that wait to be read. */
  long taken() {
    return bytes.get();
  }
}
