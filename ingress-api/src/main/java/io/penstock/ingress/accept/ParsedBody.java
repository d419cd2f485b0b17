package io.penstock.ingress.accept;

import io.penstock.schemas.avro.RequestFacts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What policy needs to know of a good body.
 *
 * @param model name or alias, as the caller wrote it
 * @param facts upper bounds and features
 * @param endUser the caller's end user; null when not named
 * @param stream whether a stream is wanted
 * @param tags free labels, from {@code metadata.tags}; sorted as sent
 */
public record ParsedBody(
    String model, RequestFacts facts, @Nullable String endUser, boolean stream, List<String> tags)
    implements Parsed {

  public ParsedBody {
    tags = List.copyOf(tags);
  }
}
