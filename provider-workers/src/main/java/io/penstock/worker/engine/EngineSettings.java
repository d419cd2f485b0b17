package io.penstock.worker.engine;

import java.time.Duration;

/**
 * Limits of a pool engine.
 *
 * @param drain how long running calls may take to end when the engine stops
 * @param handOver how long running calls may take to end when partitions go to another worker
 * @param commitInterval time between two commits
 * @param commitRefresh after this time an unchanged position is committed again: its time tells the
 *     next owner from when on to look for finished calls
 * @param bufferRecords records of a lane held beyond those that can run
 * @param bufferBytesMax bytes of a lane's records held
 * @param windowOffsetsMax offsets of a partition between the first unfinished and the last taken
 *     one: only a bound on memory, high enough that the longest call never reaches it
 * @param metadataCharactersMax longest commit metadata that the broker takes; taking stops at three
 *     quarters
 * @param interactivePatience longest pause of a pool that a waiting interactive call sits out
 * @param batchPatience the same for batch
 * @param streamBytesMax largest stream that is kept until its end, where the route or the way of
 *     the answer wants that
 */
public record EngineSettings(
    Duration drain,
    Duration handOver,
    Duration commitInterval,
    Duration commitRefresh,
    int bufferRecords,
    long bufferBytesMax,
    long windowOffsetsMax,
    int metadataCharactersMax,
    Duration interactivePatience,
    Duration batchPatience,
    int streamBytesMax) {

  /** What fits most installations. */
  public static EngineSettings standard() {
    return new EngineSettings(
        Duration.ofSeconds(20),
        Duration.ofSeconds(5),
        Duration.ofMillis(200),
        Duration.ofSeconds(10),
        500,
        32L << 20,
        2_000_000,
        4096,
        Duration.ofSeconds(2),
        Duration.ofSeconds(30),
        32 << 20);
  }
}
