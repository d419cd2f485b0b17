package io.penstock.worker.http;

import io.penstock.worker.dialect.Headers;

/**
 * Takes an answer with status 200 that comes as a stream, in the thread that makes the call. As
 * long as it does not return nothing more is read, and the provider is not to blame for silence.
 */
public interface BodyListener {

  /**
   * The head came; once, first.
   *
   * @param headNanos {@link System#nanoTime} when it was there
   */
  void head(Headers headers, long headNanos);

  /** Bytes of the body came, cut anywhere. */
  Progress take(byte[] buffer, int offset, int length);

  /** What the bytes so far amount to. */
  enum Progress {
    /** Nothing of the model yet: head, comments and empty events do not end the silence. */
    SILENT,
    /** The model speaks: from now on only gaps are limited. */
    BEGUN,
    /** The provider has said all; what follows is of no interest. */
    COMPLETE,
    /** No more of it is wanted, whatever follows. */
    ENOUGH
  }
}
