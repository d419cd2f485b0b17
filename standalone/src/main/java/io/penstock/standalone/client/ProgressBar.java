package io.penstock.standalone.client;

import java.io.PrintWriter;
import java.util.Locale;

/**
 * One line that is drawn over itself on a terminal, and printed now and then where there is none.
 * Not thread-safe.
 */
public final class ProgressBar {

  private static final int WIDTH = 28;
  private static final long QUIET_NANOS = 2_000_000_000L;

  private final PrintWriter out;
  private final boolean terminal = System.console() != null && System.console().isTerminal();
  private final long started = System.nanoTime();
  private long printed = started - QUIET_NANOS;
  private long rateSince = started;
  private long rateDone;
  private double rate;

  public ProgressBar(PrintWriter out) {
    this.out = out;
  }

  /** Draws the present state. */
  public void show(Progress progress) {
    updateRate(progress.done(), System.nanoTime());
    draw(line(progress));
  }

  /** Says something in the place of the bar. */
  public void note(String text) {
    draw(text);
  }

  private void draw(String line) {
    if (terminal) {
      out.print("\r\u001b[K" + line);
      out.flush();
      return;
    }
    var now = System.nanoTime();
    if (now - printed >= QUIET_NANOS) {
      printed = now;
      out.println(line);
      out.flush();
    }
  }

  /** Leaves the last line standing. */
  public void finish() {
    if (terminal) {
      out.println();
      out.flush();
    }
  }

  private void updateRate(long done, long now) {
    var seconds = (now - rateSince) / 1e9;
    if (seconds >= 1) {
      rate = (done - rateDone) / seconds;
      rateSince = now;
      rateDone = done;
    } else if (rateDone == 0 && now > started) {
      rate = done / ((now - started) / 1e9);
    }
  }

  private String line(Progress progress) {
    var total = Math.max(1, progress.total());
    var filled = (int) (WIDTH * progress.done() / total);
    var line =
        new StringBuilder()
            .append("█".repeat(filled))
            .append("░".repeat(WIDTH - filled))
            .append(
                String.format(
                    Locale.ROOT,
                    " %3d %%  %,d/%,d lines  %,.0f lines/s  %,d in flight",
                    100 * progress.done() / total,
                    progress.done(),
                    progress.total(),
                    rate,
                    progress.inFlight()));
    if (progress.retries() != null) {
      line.append(String.format(Locale.ROOT, "  %,d retries", progress.retries()));
    }
    if (progress.failed() > 0) {
      line.append(String.format(Locale.ROOT, "  %,d failed", progress.failed()));
    }
    if (progress.spend() != null) {
      line.append("  $").append(progress.spend().usd());
    }
    if (!progress.status().equals("in_progress")) {
      line.append("  ").append(progress.status());
    }
    return line.toString();
  }
}
