package io.penstock.billing.alert;

import io.penstock.platform.Platform;
import io.penstock.platform.kafka.StreamsRun;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Alerts, running: an application of its own, so that no endpoint and no fault here can keep money
 * from being booked. At least once. Thread-safe.
 */
public final class AlertService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(AlertService.class);
  private static final String NAME = "billing-alerts";
  private static final int SESSION_TIMEOUT_MS = 6000;
  private static final int COMMIT_INTERVAL_MS = 1000;
  private static final int POLL_MS = 100;
  private static final Duration RESTART_PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_MAX = Duration.ofSeconds(10);

  private final StreamsRun run;
  private final WebhookSender sender;

  private AlertService(StreamsRun run, WebhookSender sender) {
    this.run = run;
    this.sender = sender;
  }

  /** Starts it. The topics have to exist. */
  public static AlertService start(Platform platform, AlertConfig config) {
    var kafka = platform.kafka();
    var sender = new WebhookSender(config.loopbackAllowed(), config.timeout());
    var topology =
        AlertTopology.of(
            kafka.topics(), kafka.serdes(), platform.catalog()::snapshot, sender, new Random());
    var settings =
        kafka.streams(
            NAME,
            platform.stateDirectory(),
            Map.of(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
                StreamsConfig.AT_LEAST_ONCE,
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                COMMIT_INTERVAL_MS,
                StreamsConfig.POLL_MS_CONFIG,
                POLL_MS,
                // alerts of a transaction that is taken back are none
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG),
                "read_committed",
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                NAME + "-" + platform.node(),
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                SESSION_TIMEOUT_MS));
    var streams = new KafkaStreams(topology, settings);
    streams.setUncaughtExceptionHandler(
        failure -> {
          LOG.atError().setCause(failure).log("alerts failed and start again");
          // a failure that comes back at once must not spin
          LockSupport.parkNanos(RESTART_PAUSE.toNanos());
          return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    return new AlertService(
        StreamsRun.start(NAME, streams, platform.stateDirectory(), CLOSE_MAX), sender);
  }

  @Override
  public void close() {
    run.close();
    sender.close();
  }
}
