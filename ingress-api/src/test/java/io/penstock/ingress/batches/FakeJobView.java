package io.penstock.ingress.batches;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.stream.JobView;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.Outcome;
import io.penstock.schemas.avro.Payload;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** A job view of one batch, filled by hand. */
final class FakeJobView implements JobView {

  private final TreeMap<Long, BatchLine> lines = new TreeMap<>();

  void put(long line, Outcome outcome, int status) {
    var body = ByteBuffer.wrap("{\"n\":%d}".formatted(line).getBytes(StandardCharsets.UTF_8));
    lines.put(
        line,
        new BatchLine(
            "id-" + line,
            "request-" + line,
            outcome,
            status,
            null,
            new Payload(body, null, (long) body.remaining(), null)));
  }

  @Override
  public List<Batch> active() {
    return List.of();
  }

  @Override
  public @Nullable Batch find(String batch) {
    return null;
  }

  @Override
  public List<Batch> list(String organization, @Nullable Place after, int limit) {
    return List.of();
  }

  @Override
  public List<HostInfo> peers() {
    return List.of();
  }

  @Override
  public List<Line> lines(String batch, long from, int limit) {
    return lines.tailMap(from).entrySet().stream()
        .limit(limit)
        .map(entry -> new Line(entry.getKey(), entry.getValue()))
        .toList();
  }
}
