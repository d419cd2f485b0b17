package io.penstock.billing.report;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a usage report can be grouped by. */
public enum Dimension {
  BUCKET,
  DAY,
  PROJECT,
  TEAM,
  KEY,
  MODEL,
  POOL,
  LANE,
  SURFACE,
  END_USER,
  TAG,
  PRICE_RULE,
  FLAG;

  private static final Set<Dimension> OF_LABELS =
      Set.of(BUCKET, DAY, MODEL, END_USER, TAG, PRICE_RULE, FLAG);

  /** Name on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The dimension of a wire name; null when there is none. */
  public static @Nullable Dimension ofWire(String wire) {
    for (var dimension : values()) {
      if (dimension.wire().equals(wire)) {
        return dimension;
      }
    }
    return null;
  }

  /** The label that it is; null for one by which every bucket is summed. */
  public @Nullable Label label() {
    return switch (this) {
      case END_USER -> Label.END_USER;
      case TAG -> Label.TAG;
      case PRICE_RULE -> Label.PRICE_RULE;
      case FLAG -> Label.FLAG;
      case BUCKET, DAY, PROJECT, TEAM, KEY, MODEL, POOL, LANE, SURFACE -> null;
    };
  }

  /** Whether sums of labels know it. */
  public boolean isOfLabels() {
    return OF_LABELS.contains(this);
  }

  /** Value of this dimension in a key; empty where there is none. */
  public String of(RollUpKey.Bucket key) {
    var group = key.group();
    return switch (this) {
      case BUCKET -> key.start().toString();
      case DAY -> key.start().toString().substring(0, DAY_CHARACTERS);
      case PROJECT -> group.project();
      case TEAM -> group.team();
      case KEY -> group.apiKey();
      case MODEL -> group.model();
      case POOL -> group.pool();
      case LANE -> group.batch() ? "batch" : "interactive";
      case SURFACE -> group.embeddings() ? "embeddings" : "completions";
      case END_USER, TAG, PRICE_RULE, FLAG ->
          throw new IllegalArgumentException(wire() + " is in no bucket");
    };
  }

  /** Value of this dimension in a key. */
  public String of(RollUpKey.Labelled key) {
    return switch (this) {
      case BUCKET -> key.day() + "T00:00:00Z";
      case DAY -> key.day().toString();
      case MODEL -> key.model();
      case END_USER, TAG, PRICE_RULE, FLAG -> key.name();
      case PROJECT, TEAM, KEY, POOL, LANE, SURFACE ->
          throw new IllegalArgumentException(wire() + " is in no sum of a label");
    };
  }

  private static final int DAY_CHARACTERS = 10;
}
