package io.penstock.ingress.batches;

import io.helidon.webserver.http.HttpRouting;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.ingress.http.Routes;
import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.StreamsJobView;
import io.penstock.platform.Platform;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.http.Peers;
import io.penstock.platform.id.Ids;
import java.time.Clock;
import org.apache.kafka.streams.state.HostInfo;

/** Batches: the job view, the driver, the routes; started together and stopped in reverse. */
public final class BatchesFeature implements AutoCloseable {

  private final KafkaOutbox outbox;
  private final StreamsJobView view;
  private final BatchDriver driver;
  private final BatchRoutes routes;
  private final Peers peers;

  private BatchesFeature(
      KafkaOutbox outbox,
      StreamsJobView view,
      BatchDriver driver,
      BatchRoutes routes,
      Peers peers) {
    this.outbox = outbox;
    this.view = view;
    this.driver = driver;
    this.routes = routes;
    this.peers = peers;
  }

  /**
   * Starts. The topics must exist.
   *
   * @param self where other instances reach this one
   * @param disk what is to stay free of the disk
   */
  public static BatchesFeature start(
      Platform platform,
      HostInfo self,
      BatchesConfig config,
      Files files,
      DiskReserve disk,
      Ids ids,
      Clock clock) {
    var outbox = new KafkaOutbox(platform.kafka());
    var view = StreamsJobView.start(platform, self, config.grace());
    var payloads = new Payloads(platform.blobs());
    var lines = new FinishedLines(payloads);
    var driver =
        new BatchDriver(
            view,
            outbox,
            new Pump(files, new LineRequests(payloads), outbox, disk, config),
            new FileValidator(files, platform.catalog()::snapshot, config, clock),
            new CancelSweep(files, view, outbox, config, clock),
            new Finaliser(files, view, lines, platform.blobs(), config, clock),
            clock);
    driver.start();
    var peers = new Peers();
    var routes =
        new BatchRoutes(
            view,
            peers,
            files,
            outbox,
            lines,
            disk,
            new BatchIds(ids),
            driver::wake,
            config.completionWindow(),
            clock);
    return new BatchesFeature(outbox, view, driver, routes, peers);
  }

  /** What this instance knows of batches. */
  public JobView view() {
    return view;
  }

  /** Adds the routes of batches. */
  public void routes(HttpRouting.Builder routing, Routes secured) {
    routes.register(routing, secured);
  }

  /** Whether batches can be shown and worked on. */
  public boolean ready() {
    return view.ready();
  }

  @Override
  public void close() {
    driver.close();
    view.close();
    outbox.close();
    peers.close();
  }
}
