package io.penstock.simulator.dialect;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.calls.Surface;
import io.penstock.simulator.inference.Answer;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.json.JsonBytes;
import io.penstock.simulator.limit.Admission;

/** One surface of one provider, as bytes. Implementations are pure and thread-safe. */
public interface Dialect {
  /** Its name in the call log. */
  Surface surface();

  /** The request, or the error that says why it is none. */
  InferenceRequest read(byte[] body, Target target);

  /** An answer as one JSON object. */
  JsonBytes whole(Answer answer, Telling telling);

  /** An answer as a stream. */
  EventWriter events(Answer answer, Telling telling);

  /** Embeddings. */
  JsonBytes embeddings(Embeddings request, long seed, Telling telling);

  /** An error that the call itself brought about. */
  ErrorBody refusal(Problem problem, String requestId);

  /** A limit of ours is reached. */
  default ErrorBody limitReached(String model, Admission.Refused refused, String requestId) {
    return refusal(Problem.limitReached(model, refused), requestId);
  }

  /** An error that was ordered or planned. */
  ErrorBody trouble(Trouble trouble, Situation situation);

  /**
   * Appends an error where an event was due.
   *
   * @param fault in which form; one that this dialect does not know has the usual form
   */
  void errorEvent(Fault fault, ErrorBody error, JsonBytes out);

  /** Appends the end marker of streams; nothing if there is none. */
  void endMarker(JsonBytes out);
}
