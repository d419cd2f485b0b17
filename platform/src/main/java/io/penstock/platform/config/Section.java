package io.penstock.platform.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One mapping of a configuration file, read key by key. Errors are collected over the whole file;
 * {@link #finish} throws them together, with every key that nobody asked for. Not thread-safe.
 */
public final class Section {

  /** The same key twice in one mapping is a mistake, not a choice of the last. */
  private static final ObjectMapper YAML =
      new YAMLMapper().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

  // nine digits of the largest unit still fit a long
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s*(B|KiB|MiB|GiB)?");

  private final String path;
  private final JsonNode node;
  private final List<String> errors;
  private final Set<String> asked = new HashSet<>();
  private final List<Section> children = new ArrayList<>();

  private Section(String path, JsonNode node, List<String> errors) {
    this.path = path;
    this.node = node;
    this.errors = errors;
  }

  /**
   * Reads a YAML text (JSON is YAML too).
   *
   * @throws ConfigException when it is not YAML, or not a mapping
   */
  public static Section parse(String yaml) {
    try {
      var node = YAML.readTree(yaml);
      if (node == null || node.isMissingNode() || node.isNull()) {
        node = JsonNodeFactory.instance.objectNode();
      }
      if (!node.isObject()) {
        throw new ConfigException("the configuration must be a mapping of keys to values");
      }
      return new Section("", node, new ArrayList<>());
    } catch (JsonProcessingException e) {
      var where = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw new ConfigException(
          "the configuration is not YAML" + where + ": " + e.getOriginalMessage());
    }
  }

  /** A section without any key, for defaults. */
  public static Section empty() {
    return parse("{}");
  }

  /** A mapping below a key; an empty one when the key is absent. */
  public Section section(String key) {
    asked.add(key);
    var child = node.path(key);
    if (!child.isMissingNode() && !child.isNull() && !child.isObject()) {
      error(key, "must be a mapping");
      child = JsonNodeFactory.instance.objectNode();
    }
    return child(path(key), child.isObject() ? child : JsonNodeFactory.instance.objectNode());
  }

  /** A list of mappings below a key; empty when the key is absent. */
  public List<Section> sections(String key) {
    asked.add(key);
    var list = node.path(key);
    if (list.isMissingNode() || list.isNull()) {
      return List.of();
    }
    if (!list.isArray()) {
      error(key, "must be a list");
      return List.of();
    }
    var sections = new ArrayList<Section>();
    for (int i = 0; i < list.size(); i++) {
      if (list.get(i).isObject()) {
        sections.add(child(path(key) + "[" + i + "]", list.get(i)));
      } else {
        errors.add(path(key) + "[" + i + "]: must be a mapping");
      }
    }
    return sections;
  }

  private Section child(String childPath, JsonNode child) {
    var section = new Section(childPath, child, errors);
    children.add(section);
    return section;
  }

  /** Whether the key is there. */
  public boolean has(String key) {
    return !node.path(key).isMissingNode() && !node.path(key).isNull();
  }

  /** Keys of this mapping, in the order of the file; they count as asked for. */
  public List<String> keys() {
    var keys = new ArrayList<String>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** Takes a key for known without reading it: it belongs to somebody else. */
  public void ignore(String key) {
    asked.add(key);
    var child = node.path(key);
    if (child.isObject()) {
      var section = section(key);
      section.keys().forEach(section::ignore);
    }
  }

  public String text(String key, String byDefault) {
    var text = textOrNull(key);
    return text == null ? byDefault : text;
  }

  /** A text that must be there; empty (and an error) when it is not. */
  public String requiredText(String key) {
    var text = textOrNull(key);
    if (text == null || text.isBlank()) {
      error(key, "is required");
      return "";
    }
    return text;
  }

  public @Nullable String textOrNull(String key) {
    asked.add(key);
    var value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isValueNode()) {
      error(key, "must be a text");
      return null;
    }
    return value.asText();
  }

  public List<String> texts(String key) {
    asked.add(key);
    var value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      error(key, "must be a list of texts");
      return List.of();
    }
    var texts = new ArrayList<String>();
    value.forEach(element -> texts.add(element.asText()));
    return texts;
  }

  /** All keys below a key as texts, for settings that are passed through. */
  public Map<String, String> textMap(String key) {
    asked.add(key);
    var value = node.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return Map.of();
    }
    if (!value.isObject()) {
      error(key, "must be a mapping");
      return Map.of();
    }
    var map = new LinkedHashMap<String, String>();
    value.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
    return map;
  }

  public boolean flag(String key, boolean byDefault) {
    return convert(key, byDefault, "must be true or false", Section::parseFlag);
  }

  /** A whole number within bounds, both included. */
  public long number(String key, long byDefault, long least, long most) {
    var number = numberOrNull(key, least, most);
    return number == null ? byDefault : number;
  }

  public @Nullable Long numberOrNull(String key, long least, long most) {
    var text = textOrNull(key);
    if (text == null) {
      return null;
    }
    try {
      var number = Long.parseLong(text.replace("_", ""));
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // falls through to the one message for both
    }
    error(key, "must be a whole number from " + least + " to " + most + ", not " + text);
    return null;
  }

  /** Such as {@code 250ms}, {@code 10s}, {@code 5m}, {@code 24h}, {@code 7d}. */
  public Duration duration(String key, Duration byDefault) {
    return convert(
        key,
        byDefault,
        "must be a duration such as 250ms, 10s, 5m, 24h or 7d",
        Section::parseDuration);
  }

  /** A size in bytes, such as {@code 64KiB}. */
  public long size(String key, long byDefault) {
    return convert(
        key, byDefault, "must be a size such as 512, 64KiB or 10MiB", Section::parseSize);
  }

  public @Nullable Secret secretOrNull(String key) {
    var text = textOrNull(key);
    if (text == null) {
      return null;
    }
    try {
      return new Secret(text);
    } catch (IllegalArgumentException e) {
      error(key, "is a secret: give it as env:NAME or file:PATH");
      return null;
    }
  }

  public <E extends Enum<E>> E choice(String key, Class<E> type, E byDefault) {
    var text = textOrNull(key);
    if (text == null) {
      return byDefault;
    }
    var names = new ArrayList<String>();
    for (var constant : type.getEnumConstants()) {
      var name = constant.name().toLowerCase(Locale.ROOT);
      if (name.equals(text.toLowerCase(Locale.ROOT).replace('-', '_'))) {
        return constant;
      }
      names.add(name);
    }
    error(key, "must be one of " + String.join(", ", names) + ", not " + text);
    return byDefault;
  }

  /** Notes an error that the caller found in a value. */
  public void error(String key, String message) {
    errors.add(path(key) + ": " + message);
  }

  /**
   * To be called once, on the root, when all has been read.
   *
   * @throws ConfigException with all errors, unknown keys included
   */
  public void finish() {
    collectUnknown();
    if (!errors.isEmpty()) {
      throw new ConfigException(errors);
    }
  }

  private void collectUnknown() {
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (!asked.contains(key)) {
                errors.add(path(key) + ": unknown key");
              }
            });
    children.forEach(Section::collectUnknown);
  }

  private <T> T convert(
      String key, T byDefault, String complaint, Function<String, @Nullable T> parse) {
    var text = textOrNull(key);
    if (text == null) {
      return byDefault;
    }
    var value = parse.apply(text);
    if (value == null) {
      error(key, complaint + ", not " + text);
      return byDefault;
    }
    return value;
  }

  private static @Nullable Boolean parseFlag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> null;
    };
  }

  private static @Nullable Duration parseDuration(String text) {
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    var amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  private static @Nullable Long parseSize(String text) {
    var matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    var amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "KiB" -> amount << 10;
      case "MiB" -> amount << 20;
      case "GiB" -> amount << 30;
      case null, default -> amount;
    };
  }

  private String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
