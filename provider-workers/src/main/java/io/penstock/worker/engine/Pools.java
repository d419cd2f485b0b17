package io.penstock.worker.engine;

import io.penstock.platform.Platform;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.kafka.KafkaClients;
import io.penstock.platform.kafka.TopicAdmin;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.worker.http.UpstreamClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.common.IsolationLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool engines of a process: one for every pool of the catalogue. Thread-safe. */
public final class Pools implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Pools.class);
  private static final String SERVICE = "worker";
  private static final int POLL_RECORDS_MAX = 500;
  private static final int FETCH_BYTES_MAX = 16 << 20;
  private static final int SESSION_MILLIS = 6000;
  private static final int HEARTBEAT_MILLIS = 1500;

  private final Platform platform;
  private final ScheduledExecutorService timer;
  private final KafkaCallLog log;
  private final OutcomeTail tail;
  private final Cancels cancels;
  private final CancelTail cancelTail;
  private final PauseTail pauseTail;
  private final PoolEngine.Environment environment;
  private final Map<String, PoolEntry> entries = new HashMap<>();
  // changed under the lock only; read without it, because a change may take seconds
  private final Map<String, PoolEngine> engines = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean closed;

  /** Begins without any pool. */
  public Pools(Platform platform, EngineSettings settings, UpstreamClient client) {
    this.platform = platform;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("worker-timer").daemon().factory());
    var kafka = platform.kafka();
    this.log = new KafkaCallLog(kafka.producer(SERVICE), kafka.topics(), timer);
    this.tail = new OutcomeTail(kafka);
    this.cancels = new Cancels(System::nanoTime);
    this.cancelTail =
        new CancelTail(
            () ->
                kafka.consumer(
                    "worker-cancel-tail",
                    IsolationLevel.READ_UNCOMMITTED,
                    SpecificRecord.class,
                    Map.of()),
            kafka.topics().cancels(),
            cancels::cancel,
            InstantSource.system());
    this.pauseTail =
        new PauseTail(
            () ->
                kafka.consumer(
                    "worker-pause-tail",
                    IsolationLevel.READ_UNCOMMITTED,
                    SpecificRecord.class,
                    Map.of()),
            kafka.topics().pools(),
            platform.node(),
            this::paused,
            InstantSource.system());
    this.environment =
        new PoolEngine.Environment(
            this::source,
            () -> kafka.serdes().deserializer(CallAssigned.class),
            client,
            CallMemory.ofThisProcess(),
            new Payloads(platform.blobs()),
            log,
            tail,
            cancels,
            PoolSettings::exchange,
            platform.metrics(),
            timer,
            InstantSource.system(),
            System::nanoTime,
            settings);
    timer.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
  }

  /** Starts, changes and stops engines until they are those of the catalogue. */
  public void apply(Collection<PoolEntry> wanted) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      var byName = wanted.stream().collect(Collectors.toMap(PoolEntry::getName, entry -> entry));
      for (var name : List.copyOf(engines.keySet())) {
        if (!byName.containsKey(name)) {
          remove(name);
        }
      }
      byName.forEach(this::put);
    } finally {
      lock.unlock();
    }
  }

  private void put(String name, PoolEntry entry) {
    if (entry.equals(entries.get(name))) {
      return;
    }
    try {
      var engine = engines.get(name);
      if (engine == null) {
        createTopics(name);
        engines.put(name, PoolEngine.start(entry, platform.node(), environment));
      } else {
        engine.configure(entry);
      }
      entries.put(name, entry);
      LOG.atInfo().addKeyValue(LogKeys.POOL, name).log("pool in force");
    } catch (IllegalArgumentException e) {
      // a bad entry stops nobody else's pool; the one before it stays in force
      LOG.atError().addKeyValue(LogKeys.POOL, name).setCause(e).log("pool entry cannot be used");
    }
  }

  private void remove(String name) {
    entries.remove(name);
    var engine = engines.remove(name);
    if (engine != null) {
      LOG.atInfo().addKeyValue(LogKeys.POOL, name).log("pool removed, its running calls may end");
      Thread.ofVirtual().name("pool-removal-" + name).start(engine::close);
    }
  }

  private void createTopics(String pool) {
    var kafka = platform.kafka();
    try (var admin = kafka.admin()) {
      TopicAdmin.ensure(admin, kafka.settings(), kafka.topics().ofPool(pool));
    }
  }

  private CallSource source(String pool, Lane lane) {
    var kafka = platform.kafka();
    var laneName = lane.name().toLowerCase(Locale.ROOT);
    var consumer =
        kafka.bytesConsumer(
            SERVICE + "-" + pool + "-" + laneName,
            lane == Lane.INTERACTIVE
                ? IsolationLevel.READ_UNCOMMITTED
                : IsolationLevel.READ_COMMITTED,
            consumerSettings(kafka, pool, laneName));
    return new KafkaCallSource(consumer, kafka.topics().calls(pool, lane));
  }

  /** One group a lane; the range assignor gives the same node the same partitions in both. */
  private Map<String, Object> consumerSettings(KafkaClients kafka, String pool, String lane) {
    return Map.of(
        CommonClientConfigs.GROUP_ID_CONFIG,
        kafka.topics().prefix() + SERVICE + "." + pool + "." + lane,
        CommonClientConfigs.GROUP_INSTANCE_ID_CONFIG,
        SERVICE + "-" + platform.node(),
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        RangeAssignor.class.getName(),
        CommonClientConfigs.SESSION_TIMEOUT_MS_CONFIG,
        SESSION_MILLIS,
        CommonClientConfigs.HEARTBEAT_INTERVAL_MS_CONFIG,
        HEARTBEAT_MILLIS,
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        POLL_RECORDS_MAX,
        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
        1,
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        FETCH_BYTES_MAX);
  }

  private void tick() {
    lock.lock();
    try {
      engines.values().forEach(PoolEngine::tick);
    } catch (RuntimeException e) {
      // an exception would end the timer's repetition, and with it every pool's deadline sweep
      LOG.atError().setCause(e).log("pool status failed");
    } finally {
      lock.unlock();
    }
    tail.forgetUnused();
    cancels.forgetOld();
  }

  private void paused(String pool, String credential, @Nullable String model, Duration time) {
    var engine = engines.get(pool);
    if (engine != null) {
      engine.pausedElsewhere(credential, model, time);
    }
  }

  /** Whether every engine runs. */
  public boolean ready() {
    lock.lock();
    try {
      return !closed && engines.values().stream().allMatch(PoolEngine::alive);
    } finally {
      lock.unlock();
    }
  }

  /** Drains all pools at the same time, then closes what they share. */
  @Override
  public void close() {
    List<PoolEngine> last;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      last = List.copyOf(engines.values());
      engines.clear();
    } finally {
      lock.unlock();
    }
    last.forEach(PoolEngine::stop);
    last.forEach(PoolEngine::close);
    timer.shutdownNow();
    cancelTail.close();
    pauseTail.close();
    log.close();
    tail.close();
  }
}
