package io.penstock.worker.engine;

import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Surface;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Calls and pools for tests. */
final class Calls {

  static final Instant ASSIGNED = Instant.parse("2026-11-21T10:00:00Z");
  static final String POOL = "alpha";

  static final String TOPIC = new Topics(Topics.DEFAULT_PREFIX).calls(POOL, Lane.INTERACTIVE);

  private Calls() {}

  /** The defaults, to be changed. */
  static CallPolicy policy() {
    return CallPolicy.newBuilder().build();
  }

  static CallAssigned call(String requestId, Lane lane, AnswerTo answerTo, String model) {
    var body =
        ("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello "
                + requestId
                + "\"}]}")
            .getBytes(StandardCharsets.UTF_8);
    return CallAssigned.newBuilder()
        .setRequestId(requestId)
        .setOrganization("org")
        .setAttempt(1)
        .setPool(POOL)
        .setUpstreamModel(model)
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(lane)
        .setAnswerTo(answerTo)
        .setReply(answerTo == AnswerTo.RESULT ? null : new ReplyAddress("ingress-1", 3))
        .setFacts(RequestFacts.newBuilder().setInputTokensBound((long) body.length).build())
        .setBody(new Payload(ByteBuffer.wrap(body), null, (long) body.length, null))
        .setAssignedAt(ASSIGNED)
        .setDeadlineAt(ASSIGNED.plus(java.time.Duration.ofDays(3650)))
        .build();
  }

  static PoolEntry pool(String baseUrl) {
    return PoolEntry.newBuilder()
        .setName(POOL)
        .setProvider("simulated")
        .setDialect("openai")
        .setBaseUrl(baseUrl)
        .build();
  }
}
