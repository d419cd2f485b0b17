package io.penstock.worker.dialect.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import io.penstock.worker.dialect.Json;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemaCheckTest {

  @ParameterizedTest(name = "{1} against {0}: {2}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          {"type":"integer"}                            | 1.0              | -
          {"type":"integer"}                            | 1.5              | type
          {"type":"integer"}                            | 1e400            | -
          {"type":["string","null"]}                    | null             | -
          {"type":["string","null"]}                    | 3                | type
          {"type":"martian"}                            | 3                | -
          {"enum":[1,"a",{"b":[1]}]}                    | 1.0              | -
          {"enum":[1,"a",{"b":[1]}]}                    | {"b":[1.0]}      | -
          {"enum":[1,"a",{"b":[1]}]}                    | "b"              | enum
          {"const":null}                                | null             | -
          {"const":null}                                | 0                | const
          {"minimum":1,"maximum":2}                     | 1                | -
          {"minimum":1,"maximum":2}                     | 0.99             | minimum
          {"minimum":1,"maximum":2}                     | 2.01             | maximum
          {"exclusiveMinimum":1}                        | 1                | exclusiveMinimum
          {"exclusiveMaximum":1}                        | 1                | exclusiveMaximum
          {"exclusiveMaximum":1}                        | 0                | -
          {"minLength":2,"maxLength":2}                 | "\\ud83d\\ude00a" | -
          {"minLength":2}                               | "a"              | minLength
          {"maxLength":2}                               | "abc"            | maxLength
          {"pattern":"^a+$"}                            | "aa"             | -
          {"pattern":"^a+$"}                            | "ab"             | pattern
          {"pattern":"("}                               | "ab"             | -
          {"minItems":1}                                | []               | minItems
          {"maxItems":1}                                | [1,2]            | maxItems
          {"items":{"type":"string"}}                   | ["a",1]          | type
          {"prefixItems":[{"type":"string"}],"items":false} | ["a"]        | -
          {"prefixItems":[{"type":"string"}],"items":false} | ["a",1]      | false
          {"items":[{"type":"string"}],"additionalItems":false} | ["a",1]  | false
          {"required":["a"]}                            | {"a":null}       | -
          {"required":["a"]}                            | {}               | required
          {"properties":{"a":{"type":"null"}}}          | {"a":1}          | type
          {"additionalProperties":false}                | {"a":1}          | additionalProperties
          {"additionalProperties":{"type":"null"}}      | {"a":1}          | type
          {"patternProperties":{"a":{}},"additionalProperties":false} | {"a":1} | -
          {"anyOf":[{"type":"null"},{"minimum":3}]}     | 2                | anyOf
          {"anyOf":[{"type":"null"},{"minimum":3}]}     | 3                | -
          {"oneOf":[{"type":"number"},{"minimum":3}]}   | 3                | oneOf
          {"oneOf":[{"type":"number"},{"minimum":3}]}   | 2                | -
          {"allOf":[{"type":"number"},{"minimum":3}]}   | 2                | minimum
          {"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}} | 2           | type
          {"$ref":"#/definitions/a~1b","definitions":{"a/b":{"type":"null"}}} | 2 | type
          {"$ref":"#/definitions/a%20b","definitions":{"a b":{"type":"null"}}} | 2 | type
          {"$ref":"#/nowhere"}                          | 2                | -
          {"$ref":"https://example.com/schema"}         | 2                | -
          {"$ref":"#"}                                  | 2                | -
          {"unknownKeyword":true,"format":"date"}       | "x"              | -
          """)
  void aValueBreaksOrFulfilsASchema(String schema, String value, @Nullable String violated)
      throws JsonProcessingException {
    assertThat(check(schema, value)).isEqualTo(violated);
  }

  @Test
  void aSchemaThatRefersToItselfIsFollowedAsDeepAsTheValueGoes() throws JsonProcessingException {
    var list =
        """
        {"type":"object","properties":{"value":{"type":"integer"},
         "next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["value","next"]}""";

    assertThat(check(list, "{\"value\":1,\"next\":{\"value\":2,\"next\":null}}")).isNull();
    assertThat(check(list, "{\"value\":1,\"next\":{\"value\":\"2\",\"next\":null}}"))
        .isEqualTo("anyOf");
  }

  @Test
  void alternativesThatMultiplyWithoutEndAreGivenUpInTheAnswersFavour() {
    var endless = "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}],\"oneOf\":[{\"$ref\":\"#\"}]}";

    var violated =
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> check(endless, "{\"a\":1}"));

    assertThat(violated).isNull();
  }

  @Test
  void aPatternThatBacktracksWithoutEndIsGivenUpInTheAnswersFavour() {
    var text = "\"" + "a".repeat(60) + "!\"";

    var violated =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> check("{\"pattern\":\"^((a+)+)+\\\\1$\"}", text));

    assertThat(violated).isNull();
  }

  private static @Nullable String check(String schema, String value)
      throws JsonProcessingException {
    var exact = Json.MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    return JsonSchemaCheck.violated(Json.MAPPER.readTree(schema), exact.readTree(value));
  }
}
