package io.penstock.ingress.jobs;

import org.jspecify.annotations.Nullable;

/**
 * Why an input file is refused.
 *
 * @param code OpenAI's code where it has one
 * @param message for people; never repeats prompt text
 * @param param the offending key; null when it is the line as a whole
 * @param line number from 1, blank lines counted; null when it is the file as a whole
 */
public record LineProblem(String code, String message, @Nullable String param, @Nullable Long line)
    implements InputLineOrProblem {}
