package io.penstock.router.stream;

import io.penstock.platform.delay.DelayStore;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.router.RouterConfig;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.route.Effect;
import io.penstock.router.route.RequestEvent;
import io.penstock.router.route.RequestState;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.Router;
import io.penstock.router.route.World;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the state of a request, asks {@link Router}, stores the next state and performs the
 * effects, all in one transaction. One for each task, used by its thread only.
 */
final class RouteProcessor implements Processor<String, SpecificRecord, String, Object> {

  private static final Logger LOG = LoggerFactory.getLogger(RouteProcessor.class);
  private static final String TRACE = "traceparent";

  private static final Duration DELAY_TICK = Duration.ofMillis(10);
  private static final Duration WATCH_TICK = Duration.ofMillis(100);
  private static final Duration FORGET_TICK = Duration.ofSeconds(1);
  private static final Duration BUDGET_TICK = Duration.ofMinutes(1);
  private static final int ENDED_BY_TICK_MAX = 200;
  private static final long UNWATCHED = Long.MIN_VALUE;

  private final Topics topics;
  private final Supplier<RoutingTable> table;
  private final RouterConfig config;
  private final RouterMetrics metrics;
  private final Serializer<CallAssigned> callWriter;
  private final Deserializer<CallAssigned> callReader;
  private final StateCodec codec = new StateCodec();
  private final PoolHealthMemory health;
  private final Watchdog watchdog = new Watchdog();
  private final ToldLately told = new ToldLately();

  private ProcessorContext<String, Object> context;
  private KeyValueStore<String, byte[]> requests;
  private BudgetStore budgets;
  private PaceStore paces;
  private RefusalStore refusals;
  private RepeatStore repeats;
  private DelayStore delays;
  private Forgetting forgetting;
  private Backlog backlog;

  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else
  RouteProcessor(
      Topics topics,
      Supplier<RoutingTable> table,
      PoolStatuses statuses,
      RouterConfig config,
      RouterMetrics metrics,
      Serializer<CallAssigned> callWriter,
      Deserializer<CallAssigned> callReader) {
    this.topics = topics;
    this.table = table;
    this.health = new PoolHealthMemory(statuses);
    this.config = config;
    this.metrics = metrics;
    this.callWriter = callWriter;
    this.callReader = callReader;
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    this.context = context;
    this.requests = context.getStateStore(RouterTopology.REQUEST_STORE);
    KeyValueStore<String, byte[]> accounts = context.getStateStore(RouterTopology.BUDGET_STORE);
    this.budgets = new BudgetStore(accounts);
    KeyValueStore<String, byte[]> limits = context.getStateStore(RouterTopology.PACE_STORE);
    this.paces = new PaceStore(limits);
    KeyValueStore<String, byte[]> refused = context.getStateStore(RouterTopology.REFUSAL_STORE);
    this.refusals = new RefusalStore(refused);
    KeyValueStore<String, byte[]> repeated = context.getStateStore(RouterTopology.REPEAT_STORE);
    this.repeats = new RepeatStore(repeated, config.answerMemory(), context::currentSystemTimeMs);
    KeyValueStore<Bytes, byte[]> waiting = context.getStateStore(RouterTopology.DELAY_STORE);
    this.delays = new DelayStore(waiting);
    this.forgetting = new Forgetting(requests, config.requestMemory(), this::unclaimed);
    this.backlog = new Backlog(context.currentSystemTimeMs());
    watchAll();
    context.schedule(DELAY_TICK, PunctuationType.WALL_CLOCK_TIME, this::fireDelays);
    context.schedule(WATCH_TICK, PunctuationType.WALL_CLOCK_TIME, this::endOverdue);
    context.schedule(FORGET_TICK, PunctuationType.WALL_CLOCK_TIME, this::forget);
    context.schedule(BUDGET_TICK, PunctuationType.WALL_CLOCK_TIME, this::forgetWindows);
  }

  private void watchAll() {
    try (var entries = requests.all()) {
      while (entries.hasNext()) {
        var entry = entries.next();
        if (StateCodec.kind(entry.value) == StateCodec.Kind.OPEN) {
          watchdog.watch(entry.key, StateCodec.time(entry.value));
        }
      }
    }
    LOG.atDebug()
        .addKeyValue(LogKeys.PARTITION, context.taskId())
        .addKeyValue(LogKeys.COUNT, watchdog.size())
        .log("open requests found in the store");
  }

  @Override
  public void process(Record<String, SpecificRecord> record) {
    var started = System.nanoTime();
    var headers = trace(record.headers());
    switch (record.value()) {
      case InferenceRequested request ->
          handle(request.getRequestId(), new RequestEvent.Requested(request), headers);
      case CallFinished outcome -> {
        backlog.read(record.timestamp(), context.currentSystemTimeMs());
        health.answered(outcome.getPool(), outcome.getUpstreamModel());
        handle(outcome.getRequestId(), new RequestEvent.Finished(outcome), headers);
      }
      case CallFailed outcome -> {
        backlog.read(record.timestamp(), context.currentSystemTimeMs());
        var call = outcome.getCall();
        health.failed(call.getPool(), call.getUpstreamModel(), outcome.getFailure().getKind());
        handle(outcome.getRequestId(), new RequestEvent.Failed(outcome), headers);
      }
      case CancelRequested cancel ->
          handle(cancel.getRequestId(), new RequestEvent.Cancelled(cancel), headers);
      case null, default -> unusable(record.key());
    }
    metrics.decided().record(Duration.ofNanos(System.nanoTime() - started));
  }

  private void handle(String id, RequestEvent event, Headers headers) {
    var nowMillis = context.currentSystemTimeMs();
    var now = Instant.ofEpochMilli(nowMillis);
    var stored = requests.get(id);
    var state = stored == null ? new RequestState.Unknown() : codec.decode(stored);
    var world =
        new World(now, table.get(), health.at(nowMillis), budgets, paces, refusals, repeats);

    var decision = Router.decide(state, event, world);

    if (decision.next() != state) {
      requests.put(id, codec.encode(decision.next()));
      watch(id, state, decision.next());
    }
    for (var effect : decision.effects()) {
      perform(id, effect, nowMillis, headers);
    }
  }

  private void watch(String id, RequestState before, RequestState after) {
    var was = watched(before);
    var is = watched(after);
    if (was == is) {
      return;
    }
    if (was != UNWATCHED) {
      watchdog.release(id, was);
    }
    if (is != UNWATCHED) {
      watchdog.watch(id, is);
    }
  }

  private static long watched(RequestState state) {
    return state instanceof Open open ? open.until().toEpochMilli() : UNWATCHED;
  }

  private void perform(String id, Effect effect, long nowMillis, Headers headers) {
    switch (effect) {
      case Effect.Call(var call) -> {
        health.called(call.getPool(), call.getUpstreamModel(), nowMillis);
        metrics.call(call.getLane());
        forward(null, call, nowMillis, headers, RouterTopology.CALLS);
      }
      case Effect.WaitUntil(var due, var call) -> {
        metrics.waits();
        delays.add(
            due.toEpochMilli(), call.getRequestId(), callWriter.serialize(callTopic(), call));
      }
      case Effect.CancelCall(var cancel) -> {
        metrics.cancels();
        forward(cancel.getOrganization(), cancel, nowMillis, headers, RouterTopology.CANCELS);
      }
      case Effect.Finish(var result) ->
          forward(result.getJob(), result, nowMillis, headers, RouterTopology.RESULTS);
      case Effect.Reply(var address, var reply) -> {
        if (reply.getReplayOf() == null) {
          metrics.error();
        } else {
          metrics.repeated();
        }
        forward(
            address.getInstance(),
            new AddressedReply(address.getPartition(), reply),
            nowMillis,
            headers,
            RouterTopology.REPLIES);
      }
      case Effect.RecordUsage(var usage) -> {
        metrics.usage(usage.getKind());
        forward(
            usage.getOrganization(),
            usage,
            nowMillis,
            UsageHeaders.of(usage, headers),
            RouterTopology.USAGE);
      }
      case Effect.PlaceHold(var hold) -> budgets.place(hold);
      case Effect.SettleHold(var postings) -> budgets.settle(postings);
      case Effect.MarkTold(var account) -> budgets.markTold(account);
      case Effect.RememberRefusal(var organization, var key, var refusal, var until) ->
          refusals.remember(organization, key, refusal, until);
      case Effect.CountRefusal(var refusal) -> metrics.refused(refusal);
      case Effect.Remember(var organization, var key, var remembered, var since) ->
          repeats.remember(organization, key, remembered, since);
      case Effect.Forget(var organization, var key) -> repeats.forget(organization, key);
      case Effect.Audit(var record) ->
          forward(record.getOrganization(), record, nowMillis, headers, RouterTopology.AUDIT);
      case Effect.AuditSeldom(var record) -> {
        if (told.due(record, nowMillis)) {
          forward(record.getOrganization(), record, nowMillis, headers, RouterTopology.AUDIT);
        }
      }
      case Effect.TakePace(var taking) -> paces.take(taking, id, nowMillis);
      case Effect.GiveBackPace(var accounts, var tokens, var queued) ->
          paces.giveBack(accounts, tokens, queued, nowMillis);
      case Effect.StandInLine(var turn) -> paces.stand(turn);
      case Effect.Flag(var kind, var requestId) -> {
        metrics.flag(kind);
        LOG.atWarn()
            .addKeyValue(LogKeys.REQUEST, requestId)
            .addKeyValue(LogKeys.STATE, kind)
            .log("worth a look");
      }
    }
  }

  private void forward(
      @Nullable String key, Object value, long timestamp, Headers headers, String sink) {
    context.forward(new Record<>(key, value, timestamp, headers), sink);
  }

  private void fireDelays(long nowMillis) {
    delays.fire(nowMillis, (id, call) -> due(id, callReader.deserialize(callTopic(), call)));
  }

  /**
   * Time was up for a call before it was due here. If an earlier life of the router had made it and
   * died before that was written, its answer is in the log: the watchdog waits for that, and ends
   * the request when there is none.
   */
  private void due(String id, CallAssigned call) {
    var nowMillis = context.currentSystemTimeMs();
    if (call.getDeadlineAt().toEpochMilli() <= nowMillis && backlog.possible(nowMillis)) {
      return;
    }
    handle(id, new RequestEvent.Due(call), new RecordHeaders());
  }

  private void endOverdue(long nowMillis) {
    if (backlog.possible(nowMillis)) {
      return;
    }
    watchdog.passed(
        nowMillis - config.deadlineGrace().toMillis(),
        ENDED_BY_TICK_MAX,
        id -> handle(id, new RequestEvent.DeadlinePassed(), new RecordHeaders()));
  }

  private void forget(long nowMillis) {
    forgetting.sweep(nowMillis);
    paces.forget(nowMillis);
    refusals.sweep(nowMillis);
    repeats.sweep(nowMillis);
  }

  private void forgetWindows(long nowMillis) {
    budgets.forget(Instant.ofEpochMilli(nowMillis).minus(config.requestMemory()));
  }

  /**
   * Outcomes whose request never came: their cost cannot be booked, because nobody knows whose it
   * is.
   */
  private void unclaimed(byte[] entry) {
    if (!(codec.decode(entry) instanceof RequestState.Early early)) {
      return;
    }
    var organizations = new ArrayList<String>();
    early.finished().forEach(outcome -> organizations.add(outcome.getOrganization()));
    early.failed().forEach(outcome -> organizations.add(outcome.getOrganization()));
    for (var organization : organizations) {
      deadLetter(organization, topics.outcomes(), "a call ended whose request never came");
    }
  }

  private void unusable(@Nullable String key) {
    var metadata = context.recordMetadata();
    var topic = metadata.isPresent() ? metadata.get().topic() : "";
    deadLetter(key == null ? topic : key, topic, "neither a request nor an outcome");
  }

  private void deadLetter(String key, String topic, String message) {
    metrics.deadLetter();
    var metadata = context.recordMetadata();
    var now = context.currentSystemTimeMs();
    var letter =
        new DeadLetter(
            topic,
            context.taskId().partition(),
            metadata.isPresent() ? metadata.get().offset() : -1L,
            ErrorCode.INTERNAL_ERROR.wire(),
            message,
            null,
            null,
            Instant.ofEpochMilli(now));
    forward(key, letter, now, new RecordHeaders(), RouterTopology.DEAD_LETTERS);
  }

  /** Of all headers only the trace goes on: the others describe the record that they came with. */
  private static Headers trace(Headers headers) {
    var trace = headers.lastHeader(TRACE);
    var kept = new RecordHeaders();
    return trace == null ? kept : kept.add(trace);
  }

  private String callTopic() {
    return topics.calls("waiting", Lane.BATCH);
  }
}
