package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Parameters of a caller's request: absent and null are the same. */
public final class Parameters {

  private Parameters() {}

  /**
   * A number.
   *
   * @throws UnsupportedCallException when it is something else
   */
  public static @Nullable BigDecimal number(JsonNode object, String name) {
    var value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isNumber()) {
      throw UnsupportedCallException.untranslatable(name);
    }
    return value.decimalValue();
  }

  /**
   * A whole number.
   *
   * @throws UnsupportedCallException when it is something else
   */
  public static @Nullable Long whole(JsonNode object, String name) {
    var value = object.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw UnsupportedCallException.untranslatable(name);
    }
    return value.longValue();
  }

  /** Yes or no; null when it is anything else. */
  public static @Nullable Boolean bool(JsonNode object, String name) {
    var value = object.path(name);
    return value.isBoolean() ? (Boolean) value.booleanValue() : null;
  }
}
