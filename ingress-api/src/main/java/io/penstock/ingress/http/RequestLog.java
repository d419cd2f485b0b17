package io.penstock.ingress.http;

import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.ReplyAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/**
 * Writes requests of waiting callers, and their cancellations, to the log. Thread-safe.
 *
 * <p>Nothing waits for the producer's acknowledgement: the router reads a record only once all
 * replicas have it, so a reply proves that the request was durable.
 */
final class RequestLog {

  private final Producer<String, SpecificRecord> producer;
  private final String topic;
  private final ReplyAddress address;
  private final Clock clock;

  /**
   * @param address where replies to this instance go
   */
  RequestLog(
      Producer<String, SpecificRecord> producer, Topics topics, ReplyAddress address, Clock clock) {
    this.producer = producer;
    this.topic = topics.requests(Lane.INTERACTIVE);
    this.address = address;
    this.clock = clock;
  }

  /** The time by the clock that requests are written with. */
  Instant now() {
    return clock.instant();
  }

  /**
   * Writes a request.
   *
   * @param body as it is to reach the provider
   * @param wait how long the caller waits
   * @param waiter told when the log does not take it
   */
  void send(Wanted wanted, Payload body, Duration wait, Waiting waiter) {
    var now = clock.instant();
    var key = wanted.caller().key();
    var parsed = wanted.parsed();
    var repeat = wanted.key();
    var requested =
        InferenceRequested.newBuilder()
            .setRequestId(wanted.requestId())
            .setOrganization(key.getOrganization())
            .setApiKey(key.getId())
            .setProject(key.getProject())
            .setTeam(key.getTeam())
            .setEndUser(parsed.endUser())
            .setTags(parsed.tags())
            .setModel(parsed.model())
            .setSurface(wanted.surface())
            .setLane(Lane.INTERACTIVE)
            .setAnswerTo(repeat == null ? AnswerTo.REPLY : AnswerTo.BOTH)
            .setReply(address)
            .setJob(repeat == null ? null : wanted.requestId())
            .setIdempotencyKey(repeat == null ? null : repeat.value())
            .setFingerprint(repeat == null ? null : repeat.fingerprint())
            .setServiceTier(parsed.serviceTier())
            .setFacts(parsed.facts())
            .setPreferences(wanted.preferences())
            .setBody(body)
            .setAcceptedAt(now)
            .setDeadlineAt(now.plus(wait))
            .build();
    try {
      producer.send(
          new ProducerRecord<>(topic, requested.getOrganization(), requested),
          (metadata, failure) -> {
            if (failure != null) {
              waiter.fail(notAccepted());
            }
          });
    } catch (KafkaException e) {
      throw notAccepted();
    }
  }

  /**
   * Tells whoever works on a request that nobody wants its answer any more; not of one whose caller
   * may come back for it, which ends with its deadline at the latest.
   */
  void cancel(Wanted wanted, String reason) {
    if (wanted.repeatable()) {
      return;
    }
    var organization = wanted.caller().organization();
    var cancelled = new CancelRequested(wanted.requestId(), organization, reason, clock.instant());
    try {
      producer.send(new ProducerRecord<>(topic, organization, cancelled));
    } catch (KafkaException e) {
      // the request has its own deadline: without the cancellation it ends a little later
    }
  }

  private static ApiException notAccepted() {
    return new ApiException(
        ErrorCode.OVERLOADED, "The request could not be written to the log; ask again.");
  }
}
