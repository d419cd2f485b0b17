package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The language of a provider. Implementations are pure and thread-safe. */
public interface ProviderDialect {

  /** Its name in the catalogue. */
  String name();

  /** Whether it speaks a caller's language itself, so that bodies may pass through. */
  boolean speaks(Surface surface);

  /**
   * How it speaks a caller's language itself, so that bodies may pass through; null when it does
   * not. Some speak a language only at some addresses, and each of their own in another way.
   */
  default @Nullable ProviderDialect speaking(Surface surface, Endpoint endpoint) {
    return speaks(surface) ? this : null;
  }

  /**
   * Path and query behind the pool's base address, with a leading slash.
   *
   * @param surface of the body that is sent: the caller's own when it passes through
   * @param stream whether a stream is asked for
   * @throws UnsupportedCallException when there is no such surface
   */
  String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint);

  /** Headers of every call, the credential's among them. */
  Map<String, String> headers(@Nullable String credential);

  /**
   * The caller's body, passed through: nothing changes but the model name, an output limit that is
   * missing, and what makes a stream tell its usage.
   */
  byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint);

  /**
   * A body from a canonical prompt.
   *
   * @param unsupported told of each parameter that cannot be expressed
   * @throws UnsupportedCallException when the prompt cannot be expressed at all
   */
  byte[] request(CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported);

  /**
   * Reads a whole answer with status 200 to a body of this language (not of a passed-through one).
   */
  Read read(CallAssigned call, byte[] body, Instant now);

  /**
   * Reads a whole answer with status 200 to a body that was passed through.
   *
   * @param request the caller's body
   * @return with the answer as the caller gets it: the provider's own bytes as far as they are what
   *     was asked for
   */
  default Reading readPassed(CallAssigned call, byte[] request, byte[] body, Instant now) {
    return switch (read(call, body, now)) {
      case Read.Failed(var failure, var usage) -> new Reading.Failed(failure, usage);
      case Read.Answered(var answer) -> Readings.usable(answer, body);
    };
  }

  /** Reads a stream, event by event, whether it was passed through or not. */
  StreamReader stream(CallAssigned call);

  /** Reads an answer with any other status than 200. */
  Reading.Failed readError(int status, Headers headers, byte[] body, Instant now);

  /** The provider's id of an answer; null when it gave none. */
  @Nullable String providerRequestId(Headers headers);

  /**
   * How it makes embeddings for callers of OpenAI's surface; null when it speaks that surface
   * itself, or makes none.
   */
  default @Nullable Embeddings embeddings() {
    return null;
  }

  /** What a whole answer turned out to be. */
  sealed interface Read {
    /** One that can be told to the caller. */
    record Answered(io.penstock.worker.dialect.canonical.Answer answer) implements Read {}

    /**
     * None.
     *
     * @param usage what the provider may bill all the same; absent when it certainly does not
     */
    record Failed(io.penstock.schemas.avro.Failure failure, @Nullable TokenUsage usage)
        implements Read {}
  }

  /** Reads one stream. Used by one thread. */
  interface StreamReader {

    /** What one server-sent event says; unknown events say nothing. */
    List<StreamEvent> read(ServerSentEvent event);
  }

  /** OpenAI's embeddings in the language of another provider. Pure and thread-safe. */
  interface Embeddings {

    /**
     * The body for the provider.
     *
     * @param body the caller's
     * @throws UnsupportedCallException when it cannot be expressed
     */
    byte[] request(CallAssigned call, byte[] body, Unsupported unsupported);

    /**
     * Reads an answer with status 200.
     *
     * @param request the caller's body, which says how vectors are encoded
     */
    Vectors read(CallAssigned call, byte[] request, byte[] body);

    /** What an answer turned out to be. */
    sealed interface Vectors {
      /**
       * Vectors.
       *
       * @param answer for the caller, in OpenAI's shape
       */
      record Made(byte[] answer, TokenUsage usage) implements Vectors {}

      /**
       * None.
       *
       * @param usage what the provider may bill all the same; absent when it certainly does not
       */
      record Failed(io.penstock.schemas.avro.Failure failure, @Nullable TokenUsage usage)
          implements Vectors {}
    }
  }

  /**
   * What a pool's catalogue entry says of the provider.
   *
   * @param host host name of the base address: some fields are named differently at some
   * @param apiVersion Azure's; absent for the v1 surface
   */
  record Endpoint(String host, @Nullable String apiVersion) {}

  /** Told of parameters that cannot be expressed. Used by one thread. */
  interface Unsupported {

    /**
     * A parameter has no counterpart.
     *
     * @param parameter the caller's name for it
     * @throws UnsupportedCallException when the route wants such requests refused
     */
    void parameter(String parameter);
  }
}
