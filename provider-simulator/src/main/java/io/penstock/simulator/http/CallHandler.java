package io.penstock.simulator.http;

import io.helidon.common.socket.SocketWriterException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.FaultOrder;
import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.behaviour.ModelName;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.calls.CallIdentity;
import io.penstock.simulator.calls.CallOrigin;
import io.penstock.simulator.dialect.Dialect;
import io.penstock.simulator.dialect.ErrorBody;
import io.penstock.simulator.dialect.Target;
import io.penstock.simulator.dialect.Telling;
import io.penstock.simulator.dialect.Telling.Omission;
import io.penstock.simulator.http.Reply.ChatReply;
import io.penstock.simulator.http.Reply.EmbeddingsReply;
import io.penstock.simulator.http.Scene.Connection;
import io.penstock.simulator.inference.Composer;
import io.penstock.simulator.inference.InferenceRequest;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.InferenceRequest.Embeddings;
import io.penstock.simulator.inference.InferenceRequest.Unusable;
import io.penstock.simulator.inference.Problem;
import io.penstock.simulator.limit.Admission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Takes one kind of inference call through key, request, limits and faults to its answer. Safe for
 * concurrent use.
 */
final class CallHandler {
  private final Desk desk;
  private final KeyRing keys;
  private final Dialect dialect;
  private final List<HeaderName> requestIdNames;
  private final HeaderName attemptName;

  CallHandler(Desk desk, KeyRing keys, Dialect dialect) {
    this.desk = desk;
    this.keys = keys;
    this.dialect = dialect;
    var bookkeeping = desk.config().bookkeeping();
    this.requestIdNames = bookkeeping.requestIdHeaders().stream().map(HeaderNames::create).toList();
    this.attemptName = HeaderNames.create(bookkeeping.attemptHeader());
  }

  void handle(ServerRequest request, ServerResponse response, Target target) throws IOException {
    desk.received().run();
    long startedNanos = desk.ticker().nanos();
    var body = Exchange.readBody(request);
    var inference = dialect.read(body, target);
    var identity = identity(request, body);
    int key = keys.number(request, dialect.surface());
    var ticket =
        desk.log()
            .begin(
                identity,
                new CallOrigin(inference.model(), dialect.surface(), key),
                HeaderNumbers.of(request, attemptName).orElse(0),
                startedNanos);
    var recorder = new Recorder(desk.log(), desk.ticker(), ticket);
    long draw = Hash.mix(desk.config().seed(), identity.hash());
    var call =
        new Received(
            request,
            new Exchange(request, response, desk.connections()),
            inference,
            recorder,
            key,
            draw,
            "req_" + Long.toHexString(Hash.mix(draw, ticket.row())));
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
      int key,
      long draw,
      String requestId) {
    Connection refuse(ErrorBody error) {
      recorder.end(CallEnd.notServed(error.status(), Fault.NONE));
      exchange.send(error);
      return Connection.KEPT;
    }
  }

  private Connection refuse(Received call, Problem problem) {
    return call.refuse(dialect.refusal(problem, call.requestId()));
  }

  private Connection answer(Received call) throws IOException, InterruptedException {
    ResponseHeaders.identify(call.exchange(), dialect.surface(), call.requestId());
    var keyError = keys.error(call.request(), dialect.surface(), call.key());
    if (keyError.isPresent()) {
      return refuse(call, keyError.get());
    }
    if (call.inference() instanceof Unusable unusable) {
      return refuse(call, unusable.error());
    }
    ModelName model;
    Orders orders;
    try {
      model = ModelName.parse(call.inference().model());
      orders =
          OrderHeaders.read(call.request())
              .or(model.orders())
              .or(desk.orders().of(model.base(), desk.ticker().nanos()));
    } catch (IllegalArgumentException misunderstood) {
      return refuse(call, Problem.misunderstood(String.valueOf(misunderstood.getMessage())));
    }
    var known = desk.config().models();
    if (!known.isEmpty() && !known.contains(model.base()) && !model.magic()) {
      return refuse(call, Problem.modelUnknown(call.inference().model()));
    }
    return admit(call, orders);
  }

  private Connection admit(Received call, Orders orders) throws IOException, InterruptedException {
    var reply = reply(call.inference(), orders, Fault.NONE);
    long now = desk.ticker().nanos();
    var admission =
        desk.limiters()
            .of(call.key(), ModelName.parse(call.inference().model()).base(), now)
            .admit(now, (long) reply.inputTokens() + reply.outputTokens());
    LimitHeaders.write(call.exchange(), dialect.surface(), admission);
    if (admission instanceof Admission.Refused refused) {
      LimitHeaders.retryAfter(
          call.exchange(),
          LimitHeaders.usual(dialect.surface()),
          Duration.ofNanos(refused.waitNanos()));
      return call.refuse(dialect.limitReached(call.inference().model(), refused, call.requestId()));
    }
    return perform(call, reply, orders);
  }

  private Connection perform(Received call, Reply plain, Orders orders)
      throws IOException, InterruptedException {
    int nth = desk.log().admitted(call.recorder().ticket());
    long draw = Hash.mix(call.draw(), nth);
    var behaviour = desk.config().behaviour();
    // Once an order has struck often enough the call is answered, whatever the profile would draw.
    var order =
        orders
            .fault()
            .map(ordered -> ordered.at(nth))
            .orElseGet(() -> FaultOrder.of(behaviour.faults().draw(draw)));
    if (order.fault() == Fault.PREFILL_UNSUPPORTED
        && !(call.inference() instanceof Chat chat && !chat.wishes().prefix().isEmpty())) {
      order = FaultOrder.of(Fault.NONE);
    }
    long latencyNanos =
        orders
            .latency()
            .map(Duration::toNanos)
            .orElseGet(() -> behaviour.latency().nanos(Hash.mix(draw, 1)));
    ResponseHeaders.processing(call.exchange(), dialect.surface(), latencyNanos);
    var reply =
        order.fault() == Fault.NONE ? plain : reply(call.inference(), orders, order.fault());
    call.recorder().performs(order.fault(), reply.inputTokens());
    var telling =
        new Telling(
            Hash.mix(draw, 2), System.currentTimeMillis() / 1_000, omissions(order.fault()));
    return new Performance(
            new Scene(
                call.exchange(),
                dialect,
                telling,
                call.recorder(),
                call.inference().model(),
                call.requestId(),
                Hash.mix(draw, 3),
                order,
                latencyNanos,
                orders.gap().map(Duration::toNanos).orElse(0L),
                behaviour.stall(),
                behaviour.slow(),
                orders.retryAfter().orElseGet(() -> behaviour.faults().retryAfter(draw)),
                orders.retryAfter().isPresent()),
            reply)
        .play();
  }

  private Reply reply(InferenceRequest inference, Orders orders, Fault fault) {
    long seed = desk.config().seed();
    return switch (inference) {
      case Chat chat -> {
        var answer =
            Composer.answer(
                chat, seed, desk.config().behaviour().outputTokensMedian(), orders, fault);
        yield new ChatReply(fault == Fault.EMPTY_CHOICES ? answer.withoutChoices() : answer);
      }
      case Embeddings embeddings ->
          new EmbeddingsReply(
              fault == Fault.EMPTY_CHOICES
                  ? new Embeddings(
                      embeddings.model(), List.of(), embeddings.dimensions(), embeddings.format())
                  : embeddings,
              seed);
      case Unusable _ -> throw new IllegalStateException("what cannot be read cannot be answered");
    };
  }

  private static Set<Omission> omissions(Fault fault) {
    return switch (fault) {
      case NO_FINISH -> Set.of(Omission.FINISH);
      case NO_DONE -> Set.of(Omission.END);
      case USAGE_MISSING -> Set.of(Omission.USAGE);
      case USAGE_PARTIAL -> Set.of(Omission.USAGE_OF_OUTPUT);
      default -> Set.of();
    };
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
}
