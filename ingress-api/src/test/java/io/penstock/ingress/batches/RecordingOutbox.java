package io.penstock.ingress.batches;

import io.penstock.schemas.avro.BatchAdvanced;
import io.penstock.schemas.avro.InferenceRequested;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/** An outbox that keeps what is written and acknowledges requests when told to. */
final class RecordingOutbox implements Outbox {

  final List<SpecificRecord> events = new ArrayList<>();
  final List<SpecificRecord> requests = new ArrayList<>();
  private final ArrayDeque<Acknowledgement> waiting = new ArrayDeque<>();
  private boolean holding;

  @Override
  public void batch(String batch, SpecificRecord event, Acknowledgement acknowledgement) {
    events.add(event);
    acknowledgement.done(null);
  }

  @Override
  public void request(
      String organization, SpecificRecord request, Acknowledgement acknowledgement) {
    requests.add(request);
    if (holding) {
      waiting.add(acknowledgement);
    } else {
      acknowledgement.done(null);
    }
  }

  /** From now on, requests are acknowledged by {@link #acknowledge} only. */
  void hold() {
    holding = true;
  }

  void acknowledge(int records) {
    for (int i = 0; i < records; i++) {
      waiting.remove().done(null);
    }
  }

  void refuse() {
    waiting.remove().done(new IllegalStateException("no leader"));
  }

  List<InferenceRequested> inferences() {
    return requests.stream()
        .filter(InferenceRequested.class::isInstance)
        .map(InferenceRequested.class::cast)
        .toList();
  }

  List<BatchAdvanced> reports() {
    return events.stream()
        .filter(BatchAdvanced.class::isInstance)
        .map(BatchAdvanced.class::cast)
        .toList();
  }
}
