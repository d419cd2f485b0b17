package io.penstock.ingress.accept;

import io.penstock.schemas.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Why a body is refused.
 *
 * @param param the offending parameter; null when it is the body as a whole
 * @param message for people; never repeats prompt text
 */
public record Rejected(ErrorCode code, @Nullable String param, String message) implements Parsed {}
