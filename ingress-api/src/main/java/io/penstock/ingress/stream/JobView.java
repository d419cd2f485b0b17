package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.schemas.avro.BatchLine;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what this instance knows of batches. Thread-safe; every method throws {@link NotReady}
 * while partitions move or stores are being restored.
 */
public interface JobView {

  /** Batches of this instance that have not ended. */
  List<Batch> active();

  /** A batch of this instance; null when it has none of this id. */
  @Nullable Batch find(String batch);

  /**
   * An organisation's batches on this instance, newest first.
   *
   * @param after the last batch of the page before; null for the first page
   * @param limit batches at most
   */
  List<Batch> list(String organization, @Nullable Batch after, int limit);

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

  /** The view cannot be read now; ask again. */
  final class NotReady extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotReady(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
