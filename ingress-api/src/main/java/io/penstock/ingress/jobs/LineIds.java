package io.penstock.ingress.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ids that follow from the batch and the line, so that doing a thing twice names it once. Pure. */
public final class LineIds {

  private static final String BATCH = "batch_";
  private static final String FILE = "file-";
  private static final List<String> OUTPUTS = List.of("-output", "-error");
  private static final int DIGITS = 8;

  /** Where the blob store keeps large bodies of lines, by batch and line. */
  public static final String BODIES = "batch-bodies/";

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
    return FILE + suffix(batch) + OUTPUTS.getFirst();
  }

  /** The error file. */
  public static String errorFile(String batch) {
    return FILE + suffix(batch) + OUTPUTS.getLast();
  }

  /** The batch whose line a request is, as far as its id tells; null when it is none. */
  public static @Nullable String batchOfRequest(String request) {
    var dash = request.lastIndexOf('-');
    return request.startsWith(BATCH) && dash > 0 ? request.substring(0, dash) : null;
  }

  /** The batch that writes a file, as far as the id of the file tells; null when none does. */
  public static @Nullable String batchOfFile(String file) {
    for (var kind : OUTPUTS) {
      if (file.startsWith(FILE) && file.endsWith(kind)) {
        return BATCH + file.substring(FILE.length(), file.length() - kind.length());
      }
    }
    return null;
  }

  /** Where the blob store keeps large bodies of a batch's lines; ends with a slash. */
  public static String bodies(String batch) {
    return BODIES + batch + "/";
  }

  private static String suffix(String batch) {
    return batch.startsWith(BATCH) ? batch.substring(BATCH.length()) : batch;
  }

  private static String padded(long line) {
    var digits = Long.toString(line);
    return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
  }
}
