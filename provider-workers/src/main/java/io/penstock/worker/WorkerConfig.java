package io.penstock.worker;

import io.penstock.platform.config.Section;
import io.penstock.worker.engine.EngineSettings;
import java.time.Duration;

/**
 * Configuration of the workers, section {@code worker}.
 *
 * @param engine limits of every pool engine
 * @param connectionsMax connections to providers, of all pools together
 * @param bodyBytesMax largest answer of a provider
 * @param connectTimeout until a connection to a provider stands
 */
public record WorkerConfig(
    EngineSettings engine, int connectionsMax, int bodyBytesMax, Duration connectTimeout) {

  /** What fits most installations. */
  public static WorkerConfig standard() {
    return of(Section.empty());
  }

  /** Reads the section {@code worker} of a service's configuration. */
  public static WorkerConfig of(Section root) {
    var worker = root.section("worker");
    var standard = EngineSettings.standard();
    return new WorkerConfig(
        new EngineSettings(
            worker.duration("drain", standard.drain()),
            worker.duration("hand-over", standard.handOver()),
            worker.duration("commit-interval", standard.commitInterval()),
            worker.duration("commit-refresh", standard.commitRefresh()),
            (int) worker.number("buffer-records", standard.bufferRecords(), 1, 100_000),
            worker.size("buffer-bytes-max", standard.bufferBytesMax()),
            worker.number("window-offsets-max", standard.windowOffsetsMax(), 1, 4_000_000),
            (int)
                worker.number(
                    "metadata-characters-max", standard.metadataCharactersMax(), 64, 1 << 20),
            worker.duration("interactive-patience", standard.interactivePatience()),
            worker.duration("batch-patience", standard.batchPatience()),
            Math.toIntExact(
                Math.min(
                    Integer.MAX_VALUE - 8,
                    worker.size("stream-bytes-max", standard.streamBytesMax())))),
        (int) worker.number("connections-max", 10_000, 1, 1_000_000),
        Math.toIntExact(Math.min(Integer.MAX_VALUE - 8, worker.size("body-bytes-max", 32L << 20))),
        worker.duration("connect-timeout", Duration.ofSeconds(5)));
  }
}
