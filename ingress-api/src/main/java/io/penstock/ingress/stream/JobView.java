package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.schemas.avro.BatchLine;
import java.util.List;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/**
 * Reads what this instance knows of batches. Thread-safe; every method throws {@link NotReady}
 * while partitions move or stores are being restored, and {@link Elsewhere} when it is asked for a
 * batch that another instance has.
 */
public interface JobView {

  /** Batches of this instance that have not ended. */
  List<Batch> active();

  /** A batch; null when there is none of this id. */
  @Nullable Batch find(String batch);

  /**
   * An organisation's batches on this instance, newest first.
   *
   * @param after place of the last batch of the page before; null for the first page
   * @param limit batches at most
   */
  List<Batch> list(String organization, @Nullable Place after, int limit);

  /** The other instances; each has batches of its own. */
  List<HostInfo> peers();

  /**
   * Finished lines of a batch, in the order of the file.
   *
   * @param from number of the first line
   * @param limit lines at most
   */
  List<Line> lines(String batch, long from, int limit);

  /**
   * A finished line.
   *
   * @param number of the line in the input file, from 1
   */
  record Line(long number, BatchLine result) {}

  /**
   * Place of a batch in its organisation's listing.
   *
   * @param createdAtMillis since 1970, UTC
   */
  record Place(long createdAtMillis, String batch) {

    /** Place of a batch. */
    public static Place of(BatchTerms terms) {
      return new Place(terms.createdAt().toEpochMilli(), terms.id());
    }
  }

  /** The view cannot be read now; ask again. */
  class NotReady extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotReady(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Another instance has what was asked for. */
  final class Elsewhere extends NotReady {
    private static final long serialVersionUID = 1L;

    private final transient HostInfo owner;

    Elsewhere(HostInfo owner) {
      super("another instance has this batch", null);
      this.owner = owner;
    }

    /** Who has it. */
    public HostInfo owner() {
      return owner;
    }
  }
}
