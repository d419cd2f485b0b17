package io.penstock.ingress.batches;

import io.penstock.ingress.stream.JobView;
import io.penstock.ingress.stream.JobView.Line;
import java.util.Collections;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Finished lines of a batch one by one, read in pages. Not thread-safe. */
final class LinePages {

  private static final int PAGE_LINES = 64;

  private final JobView view;
  private final String batch;
  private Iterator<Line> page = Collections.emptyIterator();
  private long from;
  private boolean last;

  LinePages(JobView view, String batch) {
    this(view, batch, 0);
  }

  /**
   * From a line on.
   *
   * @param from number of the first line
   */
  LinePages(JobView view, String batch, long from) {
    this.view = view;
    this.batch = batch;
    this.from = from;
  }

  @Nullable Line next() {
    if (!page.hasNext() && !last) {
      var lines = view.lines(batch, from, PAGE_LINES);
      last = lines.size() < PAGE_LINES;
      page = lines.iterator();
    }
    if (!page.hasNext()) {
      return null;
    }
    var line = page.next();
    from = line.number() + 1;
    return line;
  }
}
