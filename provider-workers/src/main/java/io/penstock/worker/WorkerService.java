package io.penstock.worker;

import io.penstock.platform.Platform;
import io.penstock.platform.catalog.Catalog;
import io.penstock.worker.engine.Pools;
import io.penstock.worker.http.ApacheUpstreamClient;
import io.penstock.worker.http.UpstreamClient;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker of a process: calls providers for every pool of the catalogue. */
public final class WorkerService implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerService.class);

  private final UpstreamClient client;
  private final Pools pools;
  // creating topics and draining take time that the catalogue's own thread has not got
  private final ExecutorService changes =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("worker-pools").daemon().factory());

  private WorkerService(Platform platform, WorkerConfig config) {
    this.client =
        new ApacheUpstreamClient(
            config.connectionsMax(), config.bodyBytesMax(), config.connectTimeout());
    this.pools = new Pools(platform, config.engine(), client);
  }

  /**
   * Starts; returns when the pools of the present catalogue have begun to take calls.
   *
   * @throws IllegalStateException when a pool cannot begin
   */
  public static WorkerService start(Platform platform, WorkerConfig config) {
    var service = new WorkerService(platform, config);
    try {
      service.changes.submit(() -> service.apply(platform.catalog().snapshot())).get();
      platform.catalog().onChange(service::changed);
      return service;
    } catch (ExecutionException e) {
      service.close();
      throw new IllegalStateException("the workers cannot start", e.getCause());
    } catch (InterruptedException e) {
      service.close();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting the workers", e);
    }
  }

  private void changed(Catalog catalog) {
    try {
      changes.execute(
          () -> {
            try {
              apply(catalog);
            } catch (RuntimeException e) {
              LOG.atError().setCause(e).log("change of the catalogue not applied to the pools");
            }
          });
    } catch (RejectedExecutionException e) {
      // closed: the catalogue may go on without us
    }
  }

  private void apply(Catalog catalog) {
    pools.apply(catalog.pools());
  }

  /** Whether every pool takes calls. */
  public boolean ready() {
    return pools.ready();
  }

  /**
   * Stops taking calls, lets running ones end for as long as the configuration says, and leaves.
   */
  @Override
  public void close() {
    changes.shutdownNow();
    pools.close();
    client.close();
  }
}
