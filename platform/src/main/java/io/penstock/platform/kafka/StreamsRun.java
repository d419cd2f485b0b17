package io.penstock.platform.kafka;

import io.penstock.platform.telemetry.LogKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of a Kafka Streams application, from its start to its close, and what an operator hears
 * of it: that it runs, that its state had to be rebuilt and why, that partitions move, that it has
 * stopped for good. Kafka tells the same in a hundred lines.
 *
 * <p>Under exactly-once, stores that were open when the process died are thrown away and read again
 * from their changelogs. A file beside them, removed by an orderly close, tells that case from all
 * others. Thread-safe.
 */
public final class StreamsRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StreamsRun.class);
  private static final String OPEN = ".open";

  /** An orderly stop leaves a few records behind. */
  private static final long WORTH_TELLING = 1_000;

  private static final long TOLD_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

  private final String name;
  private final KafkaStreams streams;
  private final Duration closeMax;
  private final Path open;
  private final boolean unclean;
  private final long startedNanos = System.nanoTime();

  private final Set<TopicPartition> changelogs = new HashSet<>();
  private long records;
  private long toldNanos = startedNanos;
  private boolean ran;

  private StreamsRun(
      String name, KafkaStreams streams, Duration closeMax, Path open, boolean unclean) {
    this.name = name;
    this.streams = streams;
    this.closeMax = closeMax;
    this.open = open;
    this.unclean = unclean;
  }

  /**
   * Starts an application that was not started before; returns before its stores are restored.
   *
   * @param name for people
   * @param stateDirectory where its stores live
   * @param closeMax longest wait of {@link #close}
   */
  public static StreamsRun start(
      String name, KafkaStreams streams, Path stateDirectory, Duration closeMax) {
    var open = stateDirectory.resolve(name + OPEN);
    var run = new StreamsRun(name, streams, closeMax, open, Files.exists(open));
    run.mark();
    streams.setStateListener(run::changed);
    streams.setGlobalStateRestoreListener(run.new Restored());
    streams.start();
    return run;
  }

  private void mark() {
    try {
      Files.createDirectories(open.toAbsolutePath().getParent());
      Files.write(open, new byte[0]);
    } catch (IOException e) {
      throw new UncheckedIOException("the state directory cannot be written: " + open, e);
    }
  }

  /** The engine. */
  public KafkaStreams streams() {
    return streams;
  }

  /** Whether every partition that this process owns is being processed. */
  public boolean running() {
    return streams.state() == State.RUNNING;
  }

  private synchronized void changed(State now, State before) {
    switch (now) {
      case RUNNING -> runs();
      case REBALANCING -> {
        if (ran) {
          LOG.atInfo().addKeyValue(LogKeys.APPLICATION, name).log("partitions are being moved");
        }
      }
      case ERROR ->
          LOG.atError()
              .addKeyValue(LogKeys.APPLICATION, name)
              .log("stopped for good: see above why, and start the process again");
      case CREATED, PENDING_SHUTDOWN, PENDING_ERROR, NOT_RUNNING -> {
        // asked for by us, or told of already
      }
    }
  }

  private void runs() {
    if (ran) {
      LOG.atInfo().addKeyValue(LogKeys.APPLICATION, name).log("runs again");
      return;
    }
    ran = true;
    if (unclean && records > 0) {
      tell("runs; its state was rebuilt from its changelog after a stop that was not clean");
    } else if (records > WORTH_TELLING) {
      tell("runs; its state was read from its changelog");
    } else {
      LOG.atInfo()
          .addKeyValue(LogKeys.APPLICATION, name)
          .addKeyValue(LogKeys.MILLISECONDS, milliseconds())
          .log("runs");
    }
  }

  private void tell(String what) {
    LOG.atInfo()
        .addKeyValue(LogKeys.APPLICATION, name)
        .addKeyValue("tasks", changelogs.stream().map(TopicPartition::partition).distinct().count())
        .addKeyValue("records", records)
        .addKeyValue(LogKeys.MILLISECONDS, milliseconds())
        .log(what);
  }

  private long milliseconds() {
    return Duration.ofNanos(System.nanoTime() - startedNanos).toMillis();
  }

  private synchronized void restoring(TopicPartition changelog) {
    changelogs.add(changelog);
  }

  private synchronized void restored(long count) {
    records += count;
    var now = System.nanoTime();
    if (!ran && now - toldNanos > TOLD_EVERY_NANOS) {
      toldNanos = now;
      tell("state is being read from its changelog");
    }
  }

  private final class Restored implements StateRestoreListener {

    @Override
    public void onRestoreStart(
        TopicPartition changelog, String store, long startingOffset, long endingOffset) {
      restoring(changelog);
    }

    @Override
    public void onBatchRestored(
        TopicPartition changelog, String store, long batchEndOffset, long count) {
      if (count > 0) {
        restored(count);
      }
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long totalRestored) {
      // told when the application runs
    }
  }

  /** Ends its transaction and keeps its place in the group. */
  @Override
  public void close() {
    var failed = streams.state() == State.ERROR;
    var orderly = streams.close(closeMax);
    if (!orderly) {
      LOG.atWarn()
          .addKeyValue(LogKeys.APPLICATION, name)
          .log("did not stop in time: its state will be rebuilt at the next start");
    }
    if (!orderly || failed) {
      return;
    }
    try {
      Files.deleteIfExists(open);
    } catch (IOException e) {
      LOG.atWarn()
          .setCause(e)
          .addKeyValue(LogKeys.APPLICATION, name)
          .log("a file could not be removed");
    }
  }
}
