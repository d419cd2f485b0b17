package io.penstock.ingress.accept;

import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.RoutePreferences;
import java.util.ArrayList;
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
 * @param serviceTier tier that the body asks for; null when none
 * @param preferences what the body asks of routing; null when nothing
 * @param ownFields where the fields stand that are not for providers, counted from the start of the
 *     body
 */
public record ParsedBody(
    String model,
    RequestFacts facts,
    @Nullable String endUser,
    boolean stream,
    List<String> tags,
    @Nullable String serviceTier,
    @Nullable RoutePreferences preferences,
    List<OwnFields.Span> ownFields)
    implements Parsed {

  public ParsedBody {
    tags = List.copyOf(tags);
    ownFields = List.copyOf(ownFields);
  }

  /** All models that the body asks for: the one, and those to fall back on. */
  public List<String> models() {
    if (preferences == null || preferences.getModels().isEmpty()) {
      return List.of(model);
    }
    var models = new ArrayList<String>();
    models.add(model);
    models.addAll(preferences.getModels());
    return models;
  }

  /**
   * The bytes that go on to a provider: the same array, unless the body holds fields that are meant
   * for us.
   *
   * @param body exactly what was read
   */
  public byte[] forwarded(byte[] body) {
    return OwnFields.without(ownFields, body);
  }
}
