package io.penstock.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;

/** A value for every schema, the same whenever it is asked for. */
final class Samples {

  private static final long TIME = 1_773_532_799_999L;

  private Samples() {}

  /** Every optional field set, one element in every collection. */
  static GenericRecord full(Schema schema) {
    var record = new GenericData.Record(schema);
    for (var field : schema.getFields()) {
      record.put(field.pos(), value(field.name(), field.schema()));
    }
    return record;
  }

  /** Nothing set but what has no default. */
  static GenericRecord required(Schema schema) {
    var record = new GenericData.Record(schema);
    for (var field : schema.getFields()) {
      record.put(
          field.pos(),
          field.hasDefaultValue()
              ? GenericData.get().getDefaultValue(field)
              : requiredValue(field));
    }
    return record;
  }

  private static Object requiredValue(Schema.Field field) {
    return field.schema().getType() == Schema.Type.RECORD
        ? required(field.schema())
        : value(field.name(), field.schema());
  }

  private static Object value(String name, Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> full(schema);
      case ENUM -> new GenericData.EnumSymbol(schema, schema.getEnumSymbols().getLast());
      case ARRAY -> List.of(value(name, schema.getElementType()));
      case MAP -> Map.of(name, value(name, schema.getValueType()));
      case UNION -> value(name, schema.getTypes().get(schema.isNullable() ? 1 : 0));
      case STRING -> "ä " + name;
      case BYTES -> ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
      case INT -> name.length();
      case LONG -> schema.getLogicalType() == null ? 5_000_000_000L + name.length() : TIME;
      case BOOLEAN -> true;
      // nothing of ours is of these types, and money must never be
      case FIXED, FLOAT, DOUBLE, NULL ->
          throw new AssertionError(name + " is a " + schema.getType());
    };
  }
}
