package io.penstock.ingress.jobs;

/** Ids that follow from the batch and the line, so that doing a thing twice names it once. Pure. */
public final class LineIds {

  private static final String BATCH = "batch_";
  private static final int DIGITS = 8;

  private LineIds() {}

  /** The request of a line: the batch id, a dash, and the line number padded to eight digits. */
  public static String request(String batch, long line) {
    return batch + "-" + padded(line);
  }

  /** The {@code id} of a line in the output and error files. */
  public static String outputLine(String batch, long line) {
    return "batch_req_" + suffix(batch) + "-" + padded(line);
  }

  /** The output file. */
  public static String outputFile(String batch) {
    return "file-" + suffix(batch) + "-output";
  }

  /** The error file. */
  public static String errorFile(String batch) {
    return "file-" + suffix(batch) + "-error";
  }

  /** Where the blob store keeps large bodies of a batch's lines; ends with a slash. */
  public static String bodies(String batch) {
    return "batch-bodies/" + batch + "/";
  }

  private static String suffix(String batch) {
    return batch.startsWith(BATCH) ? batch.substring(BATCH.length()) : batch;
  }

  private static String padded(long line) {
    var digits = Long.toString(line);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
  }
}
