package io.penstock.router.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class EvenlyTest {

  private static final int PARTITIONS = 6;

  private final Evenly evenly = new Evenly();

  @Test
  void modelsThatTakeTurnsEachMeetEveryPartition() {
    var met = new TreeMap<String, Map<Integer, Integer>>();

    for (int i = 0; i < 60; i++) {
      for (var model : List.of("one", "two")) {
        met.computeIfAbsent(model, _ -> new TreeMap<>()).merge(partition(model), 1, Integer::sum);
      }
    }

    assertThat(met.values())
        .allSatisfy(
            counts ->
                assertThat(counts)
                    .hasSize(PARTITIONS)
                    .allSatisfy((_, n) -> assertThat(n).isEqualTo(10)));
  }

  private int partition(String model) {
    return evenly
        .partitions("calls.p.batch", null, call(model), PARTITIONS)
        .orElseThrow()
        .iterator()
        .next();
  }

  private static CallAssigned call(String model) {
    var now = Instant.EPOCH;
    return CallAssigned.newBuilder()
        .setRequestId("r")
        .setOrganization("org")
        .setAttempt(1)
        .setPool("p")
        .setUpstreamModel(model)
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(Lane.BATCH)
        .setAnswerTo(AnswerTo.RESULT)
        .setFacts(RequestFacts.newBuilder().setInputTokensBound(1L).build())
        .setBody(new Payload(ByteBuffer.allocate(0), null, 0L, null))
        .setAssignedAt(now)
        .setDeadlineAt(now)
        .build();
  }
}
