package io.penstock.billing.alert;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.telemetry.LogKeys;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.WebhookDue;
import io.penstock.schemas.avro.WebhookEndpoint;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes deliveries of what organisations may hear, keeps them in a store until they are done, and
 * starts each attempt on a thread of its own. What was being tried when the task ended is tried
 * again by the next owner, under the same id. Used by one thread.
 */
final class AlertProcessor implements Processor<String, AuditRecorded, String, AuditRecorded> {

  static final Duration LOOK_EVERY = Duration.ofMillis(200);

  private static final Logger LOG = LoggerFactory.getLogger(AlertProcessor.class);
  private static final String SYSTEM = "system";
  private static final int PENDING_MAX = 1_000;

  /** What is older is no news: nobody gets a flood after a consumer group has been lost. */
  private static final Duration AGE_MAX = Duration.ofDays(3);

  /** The end of an attempt. */
  private record Landing(String id, Outcome outcome) {}

  private final Supplier<Catalog> catalog;
  private final Sender sender;
  private final Set<String> gone;
  private final RandomGenerator random;
  private final Queue<Landing> landings = new ConcurrentLinkedQueue<>();
  private final DueDeliveries deliveries = new DueDeliveries();
  private ProcessorContext<String, AuditRecorded> context;
  private KeyValueStore<String, WebhookDue> store;

  /**
   * @param gone endpoints that want nothing any more, until the process ends; shared by all tasks
   */
  @SuppressWarnings("NullAway.Init")
  AlertProcessor(
      Supplier<Catalog> catalog, Sender sender, Set<String> gone, RandomGenerator random) {
    this.catalog = catalog;
    this.sender = sender;
    this.gone = gone;
    this.random = random;
  }

  @Override
  public void init(ProcessorContext<String, AuditRecorded> initialized) {
    context = initialized;
    store = context.getStateStore(AlertTopology.DELIVERIES);
    try (var all = store.all()) {
      all.forEachRemaining(entry -> deliveries.add(entry.value));
    }
    context.schedule(
        LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, now -> look(Instant.ofEpochMilli(now)));
  }

  @Override
  public void process(Record<String, AuditRecorded> record) {
    var told = record.value();
    var alert = Alert.of(told);
    var now = Instant.ofEpochMilli(context.currentSystemTimeMs());
    var organization = catalog.get().organization(told.getOrganization());
    if (alert == null || organization == null || told.getAt().isBefore(now.minus(AGE_MAX))) {
      return;
    }
    var source = context.recordMetadata().orElseThrow();
    for (var endpoint : organization.getWebhooks()) {
      if (!wants(endpoint, alert)) {
        continue;
      }
      var id =
          Alert.id(
              source.topic(),
              source.partition(),
              source.offset(),
              told.getOrganization(),
              endpoint.getId());
      if (deliveries.of(told.getOrganization()) >= PENDING_MAX) {
        LOG.atError()
            .addKeyValue(LogKeys.ORGANIZATION, told.getOrganization())
            .log("too many alerts wait for the endpoints of an organisation: one is left out");
      } else if (!deliveries.has(id)) {
        keep(
            WebhookDue.newBuilder()
                .setId(id)
                .setOrganization(told.getOrganization())
                .setEndpoint(endpoint.getId())
                .setType(alert.type())
                .setBody(ByteBuffer.wrap(alert.body()))
                .setAttempt(1)
                .setDueAt(now)
                .setCreatedAt(told.getAt())
                .build());
      }
    }
  }

  private static boolean wants(WebhookEndpoint endpoint, Alert alert) {
    return endpoint.getActive()
        && (endpoint.getEvents().isEmpty() || endpoint.getEvents().contains(alert.type()));
  }

  private void keep(WebhookDue due) {
    store.put(due.getId(), due);
    deliveries.add(due);
  }

  private void look(Instant now) {
    for (var landing = landings.poll(); landing != null; landing = landings.poll()) {
      land(landing, now);
    }
    for (var due : deliveries.take(now)) {
      start(due, now);
    }
  }

  private void start(WebhookDue due, Instant now) {
    var endpoint = endpoint(due);
    if (endpoint == null || !endpoint.getActive() || gone.contains(name(due, endpoint))) {
      // it was removed or switched off since
      deliveries.landed(due.getId());
      done(due);
      return;
    }
    Thread.ofVirtual().name("webhook-" + due.getId()).start(() -> attempt(due, endpoint, now));
  }

  /** On a thread of its own; whatever happens, the attempt ends. */
  private void attempt(WebhookDue due, WebhookEndpoint endpoint, Instant now) {
    Outcome outcome = new Outcome.Failed("the attempt broke off", null, false);
    try {
      var body = new byte[due.getBody().remaining()];
      due.getBody().duplicate().get(body);
      outcome = sender.send(due.getId(), body, endpoint.getUrl(), endpoint.getSecret(), now);
    } finally {
      landings.add(new Landing(due.getId(), outcome));
    }
  }

  private void land(Landing landing, Instant now) {
    var due = deliveries.landed(landing.id());
    if (due == null) {
      return;
    }
    switch (landing.outcome()) {
      case Outcome.Delivered() -> done(due);
      case Outcome.Gone() -> {
        var endpoint = endpoint(due);
        if (endpoint != null && gone.add(name(due, endpoint))) {
          tell(due, "webhook.disabled", "the endpoint answered that it is gone", now);
        }
        done(due);
      }
      case Outcome.Failed failed -> failed(due, failed, now);
    }
  }

  private void failed(WebhookDue due, Outcome.Failed failed, Instant now) {
    var jitter = random.nextInt(-RetrySchedule.JITTER_PERMILLE, RetrySchedule.JITTER_PERMILLE + 1);
    var pause = RetrySchedule.pause(due.getAttempt(), failed, jitter);
    LOG.atWarn()
        .addKeyValue(LogKeys.ORGANIZATION, due.getOrganization())
        .addKeyValue(LogKeys.ATTEMPT, due.getAttempt())
        .addKeyValue("endpoint", due.getEndpoint())
        .addKeyValue("reason", failed.reason())
        .log("an alert was not delivered");
    if (pause == null) {
      tell(due, "webhook.abandoned", failed.reason(), now);
      done(due);
      return;
    }
    keep(
        WebhookDue.newBuilder(due)
            .setAttempt(due.getAttempt() + 1)
            .setDueAt(now.plus(pause))
            .build());
  }

  private void done(WebhookDue due) {
    deliveries.done(due);
    store.delete(due.getId());
  }

  private void tell(WebhookDue due, String action, String reason, Instant now) {
    var audit =
        AuditRecorded.newBuilder()
            .setOrganization(due.getOrganization())
            .setActor(SYSTEM)
            .setAction(action)
            .setSubject(due.getEndpoint())
            .setDetails(Map.of("reason", reason, "delivery", due.getId(), "event", due.getType()))
            .setAt(now)
            .build();
    context.forward(new Record<>(due.getOrganization(), audit, now.toEpochMilli()));
  }

  private @Nullable WebhookEndpoint endpoint(WebhookDue due) {
    var organization = catalog.get().organization(due.getOrganization());
    if (organization == null) {
      return null;
    }
    for (var endpoint : organization.getWebhooks()) {
      if (endpoint.getId().equals(due.getEndpoint())) {
        return endpoint;
      }
    }
    return null;
  }

  /** An endpoint that gets another address is another one. */
  private static String name(WebhookDue due, WebhookEndpoint endpoint) {
    return due.getOrganization() + "\n" + endpoint.getId() + "\n" + endpoint.getUrl();
  }
}
