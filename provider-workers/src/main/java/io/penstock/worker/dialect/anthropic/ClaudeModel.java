package io.penstock.worker.dialect.anthropic;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a model takes, as far as its name tells. Anthropic changed these rules from version to
 * version and names the version in every model; a model of another maker gets the most liberal
 * reading, so that it judges for itself.
 *
 * @param version major × 100 + minor; {@link #FOREIGN} for a model of another maker
 */
record ClaudeModel(String family, int version) {

  private static final int FOREIGN = -1;
  private static final int NEWEST = 9900;

  private static final Pattern FAMILY_FIRST =
      Pattern.compile("claude-([a-z]+)-(\\d{1,2})(?:[-.](\\d{1,2}))?(?!\\d)");
  private static final Pattern VERSION_FIRST =
      Pattern.compile("claude-(\\d{1,2})(?:[-.](\\d{1,2}))?-([a-z]+)");

  static ClaudeModel of(String name) {
    var lower = name.toLowerCase(Locale.ROOT);
    if (!lower.contains("claude")) {
      return new ClaudeModel("", FOREIGN);
    }
    var familyFirst = FAMILY_FIRST.matcher(lower);
    if (familyFirst.find()) {
      return new ClaudeModel(
          familyFirst.group(1), version(familyFirst.group(2), familyFirst.group(3)));
    }
    var versionFirst = VERSION_FIRST.matcher(lower);
    if (versionFirst.find()) {
      return new ClaudeModel(
          versionFirst.group(3), version(versionFirst.group(1), versionFirst.group(2)));
    }
    return new ClaudeModel("", NEWEST);
  }

  private static int version(String major, @Nullable String minor) {
    return Integer.parseInt(major) * 100 + (minor == null ? 0 : Integer.parseInt(minor));
  }

  private boolean foreign() {
    return version == FOREIGN;
  }

  /** Whether it can think before it answers. */
  boolean thinks() {
    return foreign() || version >= 307;
  }

  /** Whether thought is asked for by effort, the model deciding how much it takes. */
  boolean thinksByEffort() {
    return foreign() || version >= 406;
  }

  /** Whether thought is asked for by a budget of tokens. */
  boolean thinksByBudget() {
    return foreign() || (version >= 307 && version <= 406);
  }

  /** Whether it knows the effort {@code xhigh}. */
  boolean knowsExtraHighEffort() {
    return foreign() || version >= 407;
  }

  /** Whether it refuses every way of drawing tokens but its own. */
  boolean samplesItsOwnWay() {
    return version >= 407;
  }

  /** Whether it refuses temperature and top_p side by side. */
  boolean samplesOneWayOnly() {
    return version >= (family.equals("opus") ? 401 : 405);
  }

  /** Whether instructions may stand behind a user's turn. */
  boolean takesLaterInstructions() {
    return family.equals("opus") && version >= 408;
  }

  /** Whether an answer can be bound to a JSON schema. */
  boolean followsSchemas() {
    return foreign() || version >= (family.equals("opus") ? 401 : 405);
  }
}
