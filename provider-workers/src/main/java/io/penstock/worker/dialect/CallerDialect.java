package io.penstock.worker.dialect;

import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.time.Instant;

/** The language of callers on one surface. Implementations are pure and thread-safe. */
public interface CallerDialect {

  /**
   * Reads a request.
   *
   * @throws UnsupportedCallException when it holds what cannot be said in any other language
   */
  Prompt prompt(byte[] body);

  /** Writes a whole answer. */
  byte[] answer(Answer answer);

  /**
   * Begins a stream, or goes on with one.
   *
   * @param from what the caller has seen of it; {@link StreamStart#fresh} for a new one
   */
  StreamWriter stream(StreamStart from);

  /**
   * Where a stream begins.
   *
   * @param answerId id of the answer; empty takes the provider's
   * @param model model name in the answer; empty takes the provider's
   * @param at when the answer began
   * @param events server-sent events that the caller has seen
   * @param text text that the caller has seen
   */
  record StreamStart(String answerId, String model, Instant at, int events, String text) {

    /** Nothing seen yet. */
    public static StreamStart fresh(Instant at) {
      return new StreamStart("", "", at, 0, "");
    }
  }

  /** Writes one stream. Used by one thread. */
  interface StreamWriter {

    /**
     * Server-sent events for one step, in UTF-8, each complete; empty when the step shows nothing.
     * {@link StreamEvent.Broken} writes nothing: who tells the caller of a failure is decided
     * elsewhere. {@link StreamEvent.Ended} writes the dialect's good end, usage before it.
     */
    byte[] write(StreamEvent event);

    /** Id of the answer. */
    String answerId();

    /** Model name in the answer. */
    String model();

    /** Server-sent events written in all, those seen before included. */
    int events();
  }
}
