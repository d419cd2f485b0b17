package io.penstock.standalone.cli;

import io.penstock.standalone.broker.FatalListener;
import java.io.PrintWriter;
import java.nio.file.Path;

/**
 * Ends the process when its broker cannot go on, with one line. Without the log nothing can be
 * accepted or answered, and what was accepted is on disk: whoever watches the process starts it
 * again, as after kill -9.
 */
final class LastWords {

  /** A broker whose disk has less left than a segment's index cannot begin a segment. */
  private static final long FULL_BYTES = 16 << 20;

  private static final int EXIT_FAILURE = 1;

  private LastWords() {}

  /** What ends the process that has a data directory. */
  static FatalListener of(Path data, PrintWriter err) {
    return reason -> {
      err.println("penstock: " + line(data, reason, data.toFile().getUsableSpace()));
      err.flush();
      // an orderly stop would wait for what needs the log
      Runtime.getRuntime().halt(EXIT_FAILURE);
    };
  }

  /**
   * The one line.
   *
   * @param freeBytes of the disk
   */
  static String line(Path data, String reason, long freeBytes) {
    return freeBytes < FULL_BYTES
        ? "the disk of "
            + data
            + " is full ("
            + freeBytes
            + " bytes are free), so the log cannot be written: make space and start again."
            + " What was accepted is kept."
        : "the log in "
            + data
            + " cannot go on ("
            + reason
            + "; the log lines above say more): start again. What was accepted is kept.";
  }
}
