package io.penstock.ingress;

import io.penstock.ingress.batches.BatchesConfig;
import io.penstock.ingress.http.MemoryShare;
import io.penstock.ingress.http.StreamLimits;
import io.penstock.ingress.sweep.SweepConfig;
import io.penstock.platform.config.Section;
import io.penstock.platform.http.Advertised;
import java.time.Duration;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Configuration of ingress.
 *
 * @param host address to listen on
 * @param port 0 for any free one
 * @param advertised where other instances reach this one
 * @param bodyBytesMax largest JSON body
 * @param fileBytesMax largest uploaded file
 * @param batchFileBytesMax largest uploaded file of purpose {@code batch}
 * @param deadline how long a synchronous request may take; callers may ask for less, not for more
 * @param requestsOpenMax synchronous requests waiting at the same time; more are refused with 503
 * @param requestsOpenBytesMax bodies of those requests together, in bytes
 * @param shutdownGrace how long open requests may go on once the service stops
 * @param diskReserveBytes what is to stay free of the disk; below it files and lines of batches
 *     wait, below half of it everything
 * @param streams limits of streams
 * @param batches limits of batches
 * @param sweeping when what is removed from the blob store
 */
public record IngressConfig(
    String host,
    int port,
    HostInfo advertised,
    long bodyBytesMax,
    long fileBytesMax,
    long batchFileBytesMax,
    Duration deadline,
    int requestsOpenMax,
    long requestsOpenBytesMax,
    Duration shutdownGrace,
    long diskReserveBytes,
    StreamLimits streams,
    BatchesConfig batches,
    SweepConfig sweeping) {

  private static final long MIB = 1 << 20;

  public IngressConfig {
    if (bodyBytesMax < 1 || bodyBytesMax > 64 * MIB) {
      throw new IllegalArgumentException("body-bytes-max must be from 1 B to 64MiB");
    }
    if (requestsOpenBytesMax < bodyBytesMax) {
      throw new IllegalArgumentException(
          "requests-open-bytes-max must hold at least one body of body-bytes-max");
    }
  }

  /** What is used unless configured. */
  public static IngressConfig defaults() {
    return of(Section.empty());
  }

  /**
   * Reads the section {@code ingress} of a service's configuration; errors are noted in the
   * section.
   */
  public static IngressConfig of(Section section) {
    var bodyBytesMax = section.size("body-bytes-max", 10 * MIB);
    if (bodyBytesMax < 1 || bodyBytesMax > 64 * MIB) {
      section.error("body-bytes-max", "must be from 1 B to 64MiB");
      bodyBytesMax = 10 * MIB;
    }
    var openBytesMax =
        section.size("requests-open-bytes-max", Math.max(bodyBytesMax, MemoryShare.of(256 * MIB)));
    if (openBytesMax < bodyBytesMax) {
      section.error("requests-open-bytes-max", "must hold at least one body of body-bytes-max");
      openBytesMax = bodyBytesMax;
    }
    var host = section.text("host", "127.0.0.1");
    var port = (int) section.number("port", 8080, 0, 65_535);
    return new IngressConfig(
        host,
        port,
        Advertised.of(section, host, port),
        bodyBytesMax,
        section.size("file-bytes-max", 512 * MIB),
        section.size("batch-file-bytes-max", 200_000_000),
        section.duration("deadline", Duration.ofMinutes(10)),
        (int) section.number("requests-open-max", 4096, 1, 1_000_000),
        openBytesMax,
        section.duration("shutdown-grace", Duration.ofSeconds(30)),
        section.size("disk-reserve", 256 * MIB),
        StreamLimits.of(section.section("streams")),
        BatchesConfig.of(section.section("batches")),
        SweepConfig.of(section.section("sweeping")));
  }

  /** The same, listening elsewhere. */
  public IngressConfig at(String otherHost, int otherPort) {
    return new IngressConfig(
        otherHost,
        otherPort,
        new HostInfo(otherHost, otherPort),
        bodyBytesMax,
        fileBytesMax,
        batchFileBytesMax,
        deadline,
        requestsOpenMax,
        requestsOpenBytesMax,
        shutdownGrace,
        diskReserveBytes,
        streams,
        batches,
        sweeping);
  }
}
