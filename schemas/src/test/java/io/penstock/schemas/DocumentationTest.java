package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

final class DocumentationTest {

  @Test
  void everyRecordEnumAndFieldSaysWhatItIs() throws Exception {
    var undocumented = new ArrayList<String>();
    var seen = new HashSet<String>();

    for (var schema : Records.all()) {
      collect(schema, undocumented, seen);
    }

    assertThat(undocumented).as("put a /** … */ before each of these in its IDL file").isEmpty();
  }

  @Test
  void noFieldIsAFraction() throws Exception {
    var fractions = new ArrayList<String>();
    for (var schema : Records.all()) {
      for (var field : schema.getFields()) {
        if (holds(field.schema(), Set.of(Schema.Type.FLOAT, Schema.Type.DOUBLE))) {
          fractions.add(schema.getName() + "." + field.name());
        }
      }
    }

    assertThat(fractions).as("money, tokens and times are whole numbers").isEmpty();
  }

  private static void collect(Schema schema, List<String> undocumented, Set<String> seen) {
    switch (schema.getType()) {
      case RECORD -> {
        if (!seen.add(schema.getName())) {
          return;
        }
        note(schema.getDoc(), schema.getName(), undocumented);
        for (var field : schema.getFields()) {
          note(field.doc(), schema.getName() + "." + field.name(), undocumented);
          collect(field.schema(), undocumented, seen);
        }
      }
      case ENUM -> {
        if (seen.add(schema.getName())) {
          note(schema.getDoc(), schema.getName(), undocumented);
        }
      }
      case UNION -> schema.getTypes().forEach(type -> collect(type, undocumented, seen));
      case ARRAY -> collect(schema.getElementType(), undocumented, seen);
      case MAP -> collect(schema.getValueType(), undocumented, seen);
      default -> {
        // a plain value says nothing of itself
      }
    }
  }

  private static void note(
      @org.jspecify.annotations.Nullable String doc, String name, List<String> undocumented) {
    if (doc == null || doc.isBlank()) {
      undocumented.add(name);
    }
  }

  private static boolean holds(Schema schema, Set<Schema.Type> types) {
    return switch (schema.getType()) {
      case UNION -> schema.getTypes().stream().anyMatch(type -> holds(type, types));
      case ARRAY -> holds(schema.getElementType(), types);
      case MAP -> holds(schema.getValueType(), types);
      default -> types.contains(schema.getType());
    };
  }
}
