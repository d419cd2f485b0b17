package io.penstock.worker.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.worker.engine.Dispatcher.Refusal;
import io.penstock.worker.http.UpstreamClient;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.Share;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool at work: two poll loops, one dispatcher, calls on virtual threads.
 *
 * <pre>
 *   interactive loop ─┐                 ┌─ call ─┐
 *                     ├─▶ dispatcher ──▶├─ call ─┼─▶ call log ─▶ completed offsets
 *   batch loop ───────┘   (permits)     └─ call ─┘
 * </pre>
 */
final class PoolEngine implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PoolEngine.class);

  private final String pool;
  private final String instance;
  private final Environment environment;
  private final Dispatcher dispatcher;
  private final CallRunner runner;
  private final PoolMeters meters;
  private final StatusWriter status;
  private final LaneLoad interactiveLoad;
  private final LaneLoad batchLoad;
  private final List<Thread> threads;
  private final Consumer<String> cancelWaiting;
  private volatile PoolSettings settings;
  private volatile Map<String, Credential> credentials;
  private volatile Share share = Share.NONE;
  private volatile boolean stopping;
  private volatile boolean abandoned;

  /**
   * What every engine of a process shares.
   *
   * @param sources opens a lane's topic
   * @param deserializers makes readers of calls
   * @param exchanges translates calls
   * @param clock wall clock
   * @param nanos monotonic clock
   */
  record Environment(
      Sources sources,
      Supplier<Deserializer<CallAssigned>> deserializers,
      UpstreamClient client,
      CallMemory memory,
      Payloads payloads,
      CallLog log,
      FinishedCalls finishedCalls,
      Cancels cancels,
      CallRunner.ExchangeSource exchanges,
      MeterRegistry metrics,
      ScheduledExecutorService timer,
      InstantSource clock,
      LongSupplier nanos,
      EngineSettings settings) {}

  /** Opens a lane's topic. */
  interface Sources {
    CallSource open(String pool, Lane lane);
  }

  private PoolEngine(PoolEntry entry, String instance, Environment environment) {
    this.pool = entry.getName();
    this.instance = instance;
    this.environment = environment;
    this.settings = PoolSettings.of(entry);
    var engineSettings = environment.settings();
    this.runner =
        new CallRunner(
            settings,
            new CallRunner.Outside(
                environment.client(),
                environment.memory(),
                environment.payloads(),
                environment.log(),
                environment.cancels(),
                environment.exchanges(),
                environment.timer(),
                engineSettings.streamBytesMax(),
                environment.clock(),
                environment.nanos()));
    this.credentials = credentials(settings, Map.of());
    tellUnreadable();
    this.dispatcher =
        new Dispatcher(
            settings.limits(),
            new CallStarter(),
            environment.timer(),
            environment.nanos(),
            environment.clock(),
            engineSettings);
    this.cancelWaiting = dispatcher::cancel;
    this.meters =
        new PoolMeters(environment.metrics(), pool, dispatcher::running, dispatcher::waiting);
    this.status =
        new StatusWriter(
            pool,
            instance,
            dispatcher::gauge,
            meters,
            environment.log(),
            environment.timer(),
            environment.clock());
    this.interactiveLoad =
        new LaneLoad(engineSettings.bufferRecords(), engineSettings.bufferBytesMax());
    this.batchLoad = new LaneLoad(engineSettings.bufferRecords(), engineSettings.bufferBytesMax());
    this.threads =
        List.of(
            thread(Lane.INTERACTIVE, interactiveLoad, this::share),
            thread(Lane.BATCH, batchLoad, _ -> {}));
  }

  /** Starts a pool. */
  static PoolEngine start(PoolEntry entry, String instance, Environment environment) {
    var engine = new PoolEngine(entry, instance, environment);
    environment.cancels().addQueue(engine.cancelWaiting);
    engine.threads.forEach(Thread::start);
    return engine;
  }

  private Thread thread(Lane lane, LaneLoad load, Consumer<Share> onShare) {
    var loop =
        new LaneLoop(
            pool,
            lane,
            environment.sources().open(pool, lane),
            new RecordReader(environment.deserializers().get()),
            dispatcher,
            environment.log(),
            environment.finishedCalls(),
            load,
            environment.settings(),
            environment.clock(),
            environment.nanos(),
            onShare,
            environment.cancels()::cancelled,
            runner::handOverStreams);
    return Thread.ofPlatform()
        .name("worker-" + pool + "-" + lane.name().toLowerCase(java.util.Locale.ROOT))
        .daemon()
        .unstarted(() -> loop.run(() -> stopping));
  }

  /** Puts a changed entry in force; running calls end as they began. */
  void configure(PoolEntry entry) {
    settings = PoolSettings.of(entry);
    credentials = credentials(settings, credentials);
    tellUnreadable();
    runner.configure(settings);
    dispatcher.configure(settings.limits());
    limitLoads();
  }

  /** What was read of a secret is kept as long as its reference stays. */
  private static Map<String, Credential> credentials(
      PoolSettings settings, Map<String, Credential> before) {
    var credentials = new HashMap<String, Credential>();
    for (var limits : settings.limits().credentials()) {
      var secret = settings.secrets().get(limits.name());
      var known = before.get(limits.name());
      credentials.put(
          limits.name(),
          known != null && Objects.equals(known.secret(), secret) ? known : new Credential(secret));
    }
    return Map.copyOf(credentials);
  }

  /** Else the first to hear of it would be a caller. */
  private void tellUnreadable() {
    credentials.forEach(
        (name, credential) -> {
          var problem = credential.problem();
          if (problem != null) {
            LOG.atWarn()
                .addKeyValue(LogKeys.POOL, pool)
                .addKeyValue("credential", name)
                .addKeyValue("reason", problem)
                .log("a credential cannot be read: calls with it fail until it can be");
          }
        });
  }

  private void share(Share newShare) {
    share = newShare;
    limitLoads();
    dispatcher.share(newShare);
  }

  private void limitLoads() {
    var records =
        share.of(settings.limits().concurrencyMax()) + environment.settings().bufferRecords();
    interactiveLoad.limit(records);
    batchLoad.limit(records);
  }

  /**
   * To be called once a second: tells how the pool is doing, ends what waits in vain, looks for new
   * secrets in place of refused ones.
   */
  void tick() {
    dispatcher.sweep();
    var gauge = dispatcher.gauge();
    for (var state : gauge.credentials()) {
      var credential = credentials.get(state.name());
      if (!state.outageLeft().isZero() && credential != null && credential.changed()) {
        dispatcher.restored(state.name());
      }
    }
    status.now();
  }

  /**
   * Another worker of the pool was told to keep off with a credential.
   *
   * @param model with this one; absent when with all
   */
  void pausedElsewhere(String credential, @Nullable String model, Duration time) {
    dispatcher.pausedElsewhere(credential, model, time);
  }

  /** Whether the poll loops run. */
  boolean alive() {
    return threads.stream().allMatch(Thread::isAlive);
  }

  /** Begins to stop; {@link #close} waits for the end. */
  void stop() {
    dispatcher.stop();
    stopping = true;
  }

  /** Lets running calls end for as long as the settings say, commits and leaves. */
  @Override
  public void close() {
    stop();
    try {
      for (var thread : threads) {
        thread.join(environment.settings().drain().plus(Duration.ofSeconds(10)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    // what has not ended by now is made again by the next owner: its outcome must not come twice
    abandoned = true;
    environment.cancels().removeQueue(cancelWaiting);
    meters.close();
    status.close();
    environment.log().gone(pool, instance);
  }

  /** Runs calls on virtual threads of their own. */
  private final class CallStarter implements Dispatcher.Starter {

    @Override
    public void start(Ticket ticket) {
      Thread.startVirtualThread(() -> make(ticket));
    }

    @Override
    public void refuse(Call call, Refusal refusal) {
      Thread.startVirtualThread(
          () -> environment.log().failed(runner.refused(call, refusal), call::end));
    }

    @Override
    public void changed() {
      status.soon();
    }

    private void make(Ticket ticket) {
      var end = ended(ticket);
      var report = CallReport.of(end);
      if (settings.secrets().isEmpty()) {
        report = report.withoutCredential();
      }
      var next = dispatcher.answered(ticket, report);
      if (next == Dispatcher.Next.AGAIN && report.failure() != null) {
        meters.repeated(report.failure());
      } else if (!abandoned) {
        write(ticket, end);
      }
    }

    private CallEnd ended(Ticket ticket) {
      var call = ticket.call();
      var tokensReserved = ticket.permit().reserved().total();
      try {
        var credential = credentials.get(ticket.permit().credential());
        return runner.run(
            call, credential == null ? new Credential(null) : credential, tokensReserved);
      } catch (RuntimeException e) {
        // A bug of ours: the router decides what becomes of the call, the partition must go on.
        LOG.atError()
            .addKeyValue(LogKeys.POOL, pool)
            .addKeyValue(LogKeys.REQUEST, call.assigned().getRequestId())
            .setCause(e)
            .log("call ended without an outcome");
        return new CallEnd.Failed(runner.broken(call), Feedback.unused(tokensReserved));
      }
    }

    private void settled(Ticket ticket) {
      ticket.call().end();
      dispatcher.released(ticket);
    }

    private void write(Ticket ticket, CallEnd end) {
      var call = ticket.call();
      switch (end) {
        case CallEnd.Succeeded(var finished, var reply, _) -> {
          var address = call.assigned().getReply();
          if (reply != null && address != null) {
            environment.log().reply(address, reply);
          }
          environment.log().succeeded(finished, () -> settled(ticket));
          meters.succeeded(Duration.between(finished.getStartedAt(), finished.getFinishedAt()));
        }
        case CallEnd.Failed(var failed, _) -> {
          environment.log().failed(failed, () -> settled(ticket));
          meters.failed(
              failed.getFailure().getKind(),
              Duration.between(failed.getStartedAt(), failed.getFinishedAt()));
          noteFailure(call, failed.getFailure().getKind());
        }
      }
    }

    private void noteFailure(Call call, FailureKind kind) {
      LOG.atDebug()
          .addKeyValue(LogKeys.POOL, pool)
          .addKeyValue(LogKeys.REQUEST, call.assigned().getRequestId())
          .addKeyValue(LogKeys.ATTEMPT, call.assigned().getAttempt())
          .addKeyValue(LogKeys.ERROR_CODE, kind)
          .log("call failed");
    }
  }
}
