package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchEvent;
import io.penstock.ingress.jobs.BatchEvent.LineFinished;
import io.penstock.ingress.jobs.BatchEvent.Sighting;
import io.penstock.ingress.jobs.BatchEvent.Tick;
import io.penstock.ingress.jobs.BatchState;
import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Unknown;
import io.penstock.ingress.jobs.Batches;
import io.penstock.ingress.jobs.Decision.Effect;
import io.penstock.schemas.avro.BatchLine;
import io.penstock.schemas.avro.BatchView;
import io.penstock.schemas.avro.RequestFinished;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Loads a batch, asks {@link Batches}, stores what it says. One thread a partition.
 *
 * <p>Lines of ended batches are deleted some at a time, because a store has no faster way to forget
 * a million.
 */
final class JobViewProcessor implements Processor<String, SpecificRecord, Void, Void> {

  private static final Duration TICK = Duration.ofSeconds(1);
  private static final int LINES_DELETED_PER_TICK = 5_000;

  private final Duration grace;
  private KeyValueStore<String, BatchView> batches;
  private KeyValueStore<LineKey, BatchLine> lines;
  private KeyValueStore<String, String> active;
  private KeyValueStore<ListingKey, String> listing;

  @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else
  JobViewProcessor(Duration grace) {
    this.grace = grace;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    batches = context.getStateStore(JobViewTopology.BATCHES);
    lines = context.getStateStore(JobViewTopology.LINES);
    active = context.getStateStore(JobViewTopology.ACTIVE);
    listing = context.getStateStore(JobViewTopology.LISTING);
    context.schedule(TICK, PunctuationType.WALL_CLOCK_TIME, this::tick);
  }

  @Override
  public void process(Record<String, SpecificRecord> record) {
    if (record.key() == null || record.value() == null) {
      return;
    }
    if (record.value() instanceof RequestFinished finished) {
      finished(record.key(), finished);
      return;
    }
    var event = Events.of(record.value());
    if (event != null) {
      apply(record.key(), load(record.key()), event, _ -> {});
    }
  }

  private void finished(String batch, RequestFinished finished) {
    var line = finished.getLine();
    if (line == null) {
      return;
    }
    var state = load(batch);
    if (!(state instanceof Running)) {
      return;
    }
    var key = new LineKey(batch, line.getLine());
    var sighting = lines.get(key) == null ? Sighting.FIRST : Sighting.AGAIN;
    var event = new LineFinished(sighting, Events.tally(finished), finished.getFinishedAt());
    apply(batch, state, event, store -> store.put(key, Events.line(finished, line)));
  }

  private void apply(
      String id,
      BatchState state,
      BatchEvent event,
      Consumer<KeyValueStore<LineKey, BatchLine>> keepLine) {
    var decision = Batches.decide(state, event);
    if (decision.next() instanceof Batch next && next != state) {
      batches.put(id, BatchViews.record(next));
      for (var effect : decision.effects()) {
        perform(effect, next, keepLine);
      }
    }
  }

  private void perform(
      Effect effect, Batch batch, Consumer<KeyValueStore<LineKey, BatchLine>> keepLine) {
    var terms = batch.terms();
    switch (effect) {
      case LIST -> {
        active.put(terms.id(), JobViewTopology.WORKING);
        listing.put(
            new ListingKey(terms.organization(), terms.createdAt().toEpochMilli(), terms.id()),
            terms.id());
      }
      case KEEP_LINE -> keepLine.accept(lines);
      case RELEASE -> active.put(terms.id(), JobViewTopology.RELEASED);
    }
  }

  private BatchState load(String id) {
    var view = batches.get(id);
    return view == null ? new Unknown() : BatchViews.state(view);
  }

  private void tick(long now) {
    var working = new ArrayList<String>();
    var released = new ArrayList<String>();
    try (var all = active.all()) {
      while (all.hasNext()) {
        var entry = all.next();
        (entry.value.equals(JobViewTopology.WORKING) ? working : released).add(entry.key);
      }
    }
    var tick = new Tick(Instant.ofEpochMilli(now), grace);
    for (var id : working) {
      apply(id, load(id), tick, _ -> {});
    }
    forget(released);
  }

  private void forget(List<String> released) {
    var left = LINES_DELETED_PER_TICK;
    for (var id : released) {
      var keys = new ArrayList<LineKey>();
      try (var range = lines.range(new LineKey(id, 0), new LineKey(id, Long.MAX_VALUE))) {
        while (keys.size() < left && range.hasNext()) {
          keys.add(range.next().key);
        }
      }
      keys.forEach(lines::delete);
      left -= keys.size();
      if (left <= 0) {
        return;
      }
      active.delete(id);
    }
  }
}
