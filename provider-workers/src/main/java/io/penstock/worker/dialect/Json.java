package io.penstock.worker.dialect;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;

/** JSON as providers write it: UTF-8 always, strings of any length, nesting bounded. */
public final class Json {

  private static final int NESTING_MAX = 1000;

  /** Parses without guessing at the encoding. */
  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(NESTING_MAX)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  /** Reads small bodies as trees. */
  public static final ObjectMapper MAPPER = new ObjectMapper(FACTORY);

  private Json() {}
}
