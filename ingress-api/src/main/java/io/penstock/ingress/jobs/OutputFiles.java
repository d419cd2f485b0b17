package io.penstock.ingress.jobs;

import org.jspecify.annotations.Nullable;

/**
 * What was written at the end.
 *
 * @param output id of the output file; null when no line succeeded
 * @param error id of the error file; null when all did
 */
public record OutputFiles(
    @Nullable String output, @Nullable String error, long outputLines, long errorLines) {

  public static final OutputFiles NONE = new OutputFiles(null, null, 0, 0);
}
