package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.SimulatorConfig;
import io.penstock.simulator.Ticker;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.calls.CallIdentity;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.calls.CallTicket;
import io.penstock.simulator.http.Performance.Connection;
import io.penstock.simulator.http.Reply.EmbeddingsReply;
import io.penstock.simulator.limit.Admission;
import io.penstock.simulator.limit.RateLimiter;
import io.penstock.simulator.openai.InferenceRequest;
import io.penstock.simulator.openai.InferenceRequest.Chat;
import io.penstock.simulator.openai.InferenceRequest.Embeddings;
import io.penstock.simulator.openai.InferenceRequest.Unusable;
import io.penstock.simulator.openai.OpenAiError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes one kind of inference call through key, request, limits and faults to its answer. Safe for
 * concurrent use.
 */
final class CallHandler implements Handler {
  private static final String BEARER = "Bearer ";

  private final SimulatorConfig config;
  private final Ticker ticker;
  private final CallLog log;
  private final RateLimiter limiter;
  private final Connections connections;
  private final Function<byte[], InferenceRequest> reader;
  private final Runnable received;
  private final List<HeaderName> requestIdNames;
  private final HeaderName attemptName;

  /**
   * @param reader makes a request of a body
   * @param received told of every call
   */
  CallHandler(
      SimulatorConfig config,
      Ticker ticker,
      CallLog log,
      RateLimiter limiter,
      Connections connections,
      Function<byte[], InferenceRequest> reader,
      Runnable received) {
    this.config = config;
    this.ticker = ticker;
    this.log = log;
    this.limiter = limiter;
    this.connections = connections;
    this.reader = reader;
    this.received = received;
    this.requestIdNames = config.requestIdHeaders().stream().map(HeaderNames::create).toList();
    this.attemptName = HeaderNames.create(config.attemptHeader());
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) throws IOException {
    received.run();
    long startedNanos = ticker.nanos();
    var body = Exchange.readBody(request);
    var inference = reader.apply(body);
    var identity = identity(request, body);
    var ticket = log.begin(identity, inference.model(), attempt(request), startedNanos);
    var exchange = new Exchange(request, response, connections);
    var recorder = new Recorder(ticket);
    var call =
        new Received(
            request, exchange, inference, recorder, Hash.mix(config.seed(), identity.hash()));
    try {
      if (answer(call) == Connection.KEPT) {
        return;
      }
    } catch (InterruptedException dying) {
      Thread.currentThread().interrupt();
      recorder.clientGone();
    } catch (IOException
        | UncheckedIOException
        | SocketWriterException
        | CloseConnectionException unwritable) {
      recorder.clientGone();
    } finally {
      recorder.endIfOpen();
    }
    throw new CloseConnectionException("the answer ended with its connection");
  }

  /** What the steps of one call have in common; all its chance comes from the draw. */
  private record Received(
      ServerRequest request,
      Exchange exchange,
      InferenceRequest inference,
      Recorder recorder,
      long draw) {
    Connection refuse(OpenAiError error) {
      recorder.end(CallEnd.notServed(error.status(), Fault.NONE));
      exchange.send(error);
      return Connection.KEPT;
    }
  }

  private Connection answer(Received call) throws IOException, InterruptedException {
    long idDraw = Hash.mix(call.draw(), call.recorder().ticket.row());
    call.exchange().header(Names.REQUEST_ID, "req_" + Long.toHexString(idDraw));
    call.exchange().header(Names.VERSION);
    var keyError = keyError(config, call.request());
    if (keyError.isPresent()) {
      return call.refuse(keyError.get());
    }
    return switch (call.inference()) {
      case Unusable(_, var error) -> call.refuse(error);
      case Chat chat -> admit(call, Reply.of(chat, config.seed(), config.outputTokensMedian()));
      case Embeddings embeddings -> admit(call, new EmbeddingsReply(embeddings, config.seed()));
    };
  }

  private Connection admit(Received call, Reply reply) throws IOException, InterruptedException {
    var model = call.inference().model();
    if (!config.models().isEmpty()
        && !config.models().contains(model)
        && Fault.orderedByModel(model).isEmpty()) {
      return call.refuse(OpenAiError.modelUnknown(model));
    }
    var faultHeader = call.request().headers().first(Names.FAULT);
    if (faultHeader.isPresent() && Fault.find(faultHeader.get()).isEmpty()) {
      return call.refuse(OpenAiError.valueWrong("x-sim-fault", "the name of a fault"));
    }
    var admission =
        limiter.admit(ticker.nanos(), (long) reply.inputTokens() + reply.outputTokens());
    call.exchange().limits(admission);
    if (admission instanceof Admission.Refused refused) {
      call.exchange().retryAfter(Duration.ofNanos(refused.waitNanos()));
      return call.refuse(OpenAiError.limitReached(model, refused));
    }
    return perform(call, reply, faultHeader.flatMap(Fault::find));
  }

  private Connection perform(Received call, Reply reply, Optional<Fault> orderedByHeader)
      throws IOException, InterruptedException {
    int nth = log.admitted(call.recorder().ticket);
    long draw = Hash.mix(call.draw(), nth);
    var model = call.inference().model();
    int times = faultTimes(call.request());
    // Once an order has struck often enough the call is answered, whatever the profile would draw.
    var fault =
        orderedByHeader
            .map(ordered -> nth <= times ? ordered : Fault.NONE)
            .or(() -> Fault.orderedByModel(model))
            .orElseGet(() -> config.faults().draw(draw));
    long latencyNanos = config.latency().nanos(Hash.mix(draw, 1));
    call.exchange().header(Names.PROCESSING_MILLIS, String.valueOf(latencyNanos / 1_000_000));
    return new Performance(
            call.exchange(),
            reply,
            model,
            "chatcmpl-" + Long.toHexString(Hash.mix(draw, 2)),
            System.currentTimeMillis() / 1_000,
            Hash.mix(draw, 3),
            latencyNanos,
            config.stall(),
            config.slow(),
            config.faults().retryAfter(draw),
            call.recorder()::end)
        .play(fault);
  }

  /** What is wrong with the key; empty if it is right or none is required. */
  static Optional<OpenAiError> keyError(SimulatorConfig config, ServerRequest request) {
    if (config.requiredKey().isEmpty()) {
      return Optional.empty();
    }
    var sent = request.headers().first(HeaderNames.AUTHORIZATION);
    if (sent.isEmpty()) {
      return Optional.of(OpenAiError.keyMissing());
    }
    var wanted = BEARER + config.requiredKey().get().value();
    return MessageDigest.isEqual(wanted.getBytes(UTF_8), sent.get().getBytes(UTF_8))
        ? Optional.empty()
        : Optional.of(OpenAiError.keyWrong());
  }

  private CallIdentity identity(ServerRequest request, byte[] body) {
    for (var name : requestIdNames) {
      var sent = request.headers().first(name);
      if (sent.isPresent() && !sent.get().isEmpty()) {
        return new CallIdentity.Named(sent.get());
      }
    }
    return new CallIdentity.Anonymous(Hash.of(body));
  }

  private int attempt(ServerRequest request) {
    return request.headers().first(attemptName).map(CallHandler::number).orElse(0);
  }

  private static int faultTimes(ServerRequest request) {
    return request
        .headers()
        .first(Names.FAULT_TIMES)
        .map(CallHandler::number)
        .orElse(Integer.MAX_VALUE);
  }

  private static int number(String text) {
    return text.length() <= 9 && !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Integer.parseInt(text)
        : 0;
  }

  /** Sees to it that every call ends once in the log. Owned by one thread. */
  private final class Recorder {
    private final CallTicket ticket;
    private @Nullable CallEnd ended;

    Recorder(CallTicket ticket) {
      this.ticket = ticket;
    }

    void end(CallEnd end) {
      ended = end;
      log.end(ticket, end, ticker.nanos());
    }

    void clientGone() {
      if (ended == null) {
        end(CallEnd.clientGone(Fault.NONE));
      } else {
        log.takeBack(ticket, ended, ticker.nanos());
      }
    }

    /** Only a defect of ours leaves a call open. */
    void endIfOpen() {
      if (ended == null) {
        end(CallEnd.notServed(500, Fault.NONE));
      }
    }
  }
}
