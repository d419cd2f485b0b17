package io.penstock.billing.stream;

import io.penstock.billing.report.BucketWidth;
import io.penstock.billing.report.ChargeKey;
import io.penstock.billing.report.Label;
import io.penstock.billing.report.RollUpKey;
import io.penstock.billing.report.UsageGroup;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import org.apache.kafka.common.utils.Bytes;
import org.jspecify.annotations.Nullable;

/** Keys of the stores; each begins with the organisation, so that no scan can leave it. */
final class Keys {

  private static final char MINUTE = 'm';
  private static final char HOUR = 'h';
  private static final char DAY = 'a';
  private static final char END_USER = 'e';
  private static final char TAG = 'g';
  private static final char PRICE_RULE = 'r';
  private static final char FLAG = 'f';
  private static final char UPSTREAM = 'u';
  private static final char TOTAL = 't';

  /** How many names of a label there are on a day; not a sum, and never given to a reader. */
  private static final char NAMES = 'n';

  private static final char CHARGE = 'c';
  private static final char PERIOD = 'p';
  private static final char CREDIT = 'k';

  private Keys() {}

  static Bytes journal(String organization, long sequence) {
    return new KeyBytes().text(organization).number(sequence).done();
  }

  static Bytes seen(String organization, String usage) {
    return new KeyBytes().text(organization).text(usage).done();
  }

  static Bytes rollUp(RollUpKey key) {
    return switch (key) {
      case RollUpKey.Bucket bucket -> {
        var group = bucket.group();
        yield bucketPrefix(bucket.organization(), bucket.width(), bucket.start())
            .text(group.project())
            .text(group.team())
            .text(group.apiKey())
            .text(group.model())
            .text(group.pool())
            .flag(group.embeddings())
            .flag(group.batch())
            .done();
      }
      case RollUpKey.Labelled labelled ->
          labelPrefix(labelled.organization(), labelled.label(), labelled.day())
              .text(labelled.name())
              .text(labelled.model())
              .done();
      case RollUpKey.Upstream upstream ->
          upstreamPrefix(upstream.organization(), upstream.day())
              .text(upstream.pool())
              .text(upstream.upstreamModel())
              .done();
      case RollUpKey.Total total ->
          new KeyBytes()
              .text(total.organization())
              .tag(TOTAL)
              .text(total.model())
              .text(total.pool())
              .done();
    };
  }

  /** Before all keys of buckets from a start on, and after all of those before. */
  static Bytes buckets(String organization, BucketWidth width, Instant start) {
    return bucketPrefix(organization, width, start).done();
  }

  /** Before all keys of a label from a day on, and after all of those before. */
  static Bytes labels(String organization, Label label, LocalDate day) {
    return labelPrefix(organization, label, day).done();
  }

  /** Before all keys of upstream models from a day on, and after all of those before. */
  static Bytes upstream(String organization, LocalDate day) {
    return upstreamPrefix(organization, day).done();
  }

  /** What all lifetime keys of an organisation begin with. */
  static Bytes totals(String organization) {
    return new KeyBytes().text(organization).tag(TOTAL).done();
  }

  /** Where the names of a label are counted. */
  static Bytes names(String organization, Label label, LocalDate day) {
    return new KeyBytes()
        .text(organization)
        .tag(NAMES)
        .tag(tag(label))
        .number(day.toEpochDay())
        .done();
  }

  static RollUpKey rollUp(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    var organization = KeyBytes.text(key);
    var tag = (char) key.get();
    return switch (tag) {
      case MINUTE -> bucket(organization, BucketWidth.MINUTE, key);
      case HOUR -> bucket(organization, BucketWidth.HOUR, key);
      case DAY -> bucket(organization, BucketWidth.DAY, key);
      case END_USER, TAG, PRICE_RULE, FLAG ->
          new RollUpKey.Labelled(
              organization,
              label(tag),
              LocalDate.ofEpochDay(key.getLong()),
              KeyBytes.text(key),
              KeyBytes.text(key));
      case UPSTREAM ->
          new RollUpKey.Upstream(
              organization,
              LocalDate.ofEpochDay(key.getLong()),
              KeyBytes.text(key),
              KeyBytes.text(key));
      case TOTAL -> new RollUpKey.Total(organization, KeyBytes.text(key), KeyBytes.text(key));
      default -> throw new IllegalStateException("not a key of a roll-up: " + bytes);
    };
  }

  /**
   * The day in which a sum's time begins; null for one that is kept for ever. What an earlier
   * version left under a tag of its own began in 1970, and so is forgotten.
   */
  static @Nullable Dated dated(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    KeyBytes.text(key);
    return switch ((char) key.get()) {
      case MINUTE -> new Dated(BucketWidth.MINUTE, Instant.ofEpochSecond(key.getLong()));
      case HOUR -> new Dated(BucketWidth.HOUR, Instant.ofEpochSecond(key.getLong()));
      case DAY -> new Dated(BucketWidth.DAY, Instant.ofEpochSecond(key.getLong()));
      case END_USER, TAG, PRICE_RULE, FLAG, UPSTREAM -> ofDay(key.getLong());
      case NAMES -> {
        key.get();
        yield ofDay(key.getLong());
      }
      case TOTAL -> null;
      default -> new Dated(BucketWidth.DAY, Instant.EPOCH);
    };
  }

  /** How long a sum's time is, and when it began. */
  record Dated(BucketWidth width, Instant start) {}

  private static Dated ofDay(long epochDay) {
    return new Dated(
        BucketWidth.DAY, Instant.ofEpochSecond(epochDay * BucketWidth.DAY.length().toSeconds()));
  }

  static Bytes charge(ChargeKey key) {
    return charges(key.organization(), key.period())
        .text(key.correctsPeriod())
        .number(key.day().toEpochDay())
        .text(key.project())
        .text(key.team())
        .text(key.apiKey())
        .text(key.model())
        .text(key.pool())
        .text(key.tokenClass())
        .text(key.price())
        .number(key.priceVersion())
        .text(key.usdPerMillion())
        .done();
  }

  /** What all charges of a period begin with. */
  static Bytes chargesOf(String organization, YearMonth period) {
    return charges(organization, period).done();
  }

  static ChargeKey charge(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    var organization = KeyBytes.text(key);
    key.get();
    return new ChargeKey(
        organization,
        month(key.getLong()),
        KeyBytes.text(key),
        LocalDate.ofEpochDay(key.getLong()),
        KeyBytes.text(key),
        KeyBytes.text(key),
        KeyBytes.text(key),
        KeyBytes.text(key),
        KeyBytes.text(key),
        KeyBytes.text(key),
        KeyBytes.text(key),
        key.getLong(),
        KeyBytes.text(key));
  }

  /** The sum of a period as a whole. */
  static Bytes period(String organization, YearMonth period) {
    return new KeyBytes().text(organization).tag(PERIOD).number(number(period)).done();
  }

  /** What was paid from a grant of credit in a period. */
  static Bytes credit(String organization, YearMonth period, String grant) {
    return credits(organization, period).text(grant).done();
  }

  /** What all credit of a period begins with. */
  static Bytes creditsOf(String organization, YearMonth period) {
    return credits(organization, period).done();
  }

  /** The grant of a key of {@link #credit}. */
  static String grant(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    KeyBytes.text(key);
    key.get();
    key.getLong();
    return KeyBytes.text(key);
  }

  private static KeyBytes credits(String organization, YearMonth period) {
    return new KeyBytes().text(organization).tag(CREDIT).number(number(period));
  }

  /** The month of a key of {@link #charge} or {@link #period}. */
  static YearMonth periodOf(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    KeyBytes.text(key);
    key.get();
    return month(key.getLong());
  }

  private static KeyBytes charges(String organization, YearMonth period) {
    return new KeyBytes().text(organization).tag(CHARGE).number(number(period));
  }

  private static long number(YearMonth period) {
    return period.getYear() * 12L + period.getMonthValue() - 1;
  }

  private static YearMonth month(long number) {
    return YearMonth.of((int) (number / 12), (int) (number % 12) + 1);
  }

  private static RollUpKey.Bucket bucket(String organization, BucketWidth width, ByteBuffer key) {
    return new RollUpKey.Bucket(
        organization,
        width,
        Instant.ofEpochSecond(key.getLong()),
        new UsageGroup(
            KeyBytes.text(key),
            KeyBytes.text(key),
            KeyBytes.text(key),
            KeyBytes.text(key),
            KeyBytes.text(key),
            key.get() != 0,
            key.get() != 0));
  }

  private static KeyBytes bucketPrefix(String organization, BucketWidth width, Instant start) {
    var tag =
        switch (width) {
          case MINUTE -> MINUTE;
          case HOUR -> HOUR;
          case DAY -> DAY;
        };
    return new KeyBytes().text(organization).tag(tag).number(start.getEpochSecond());
  }

  private static KeyBytes labelPrefix(String organization, Label label, LocalDate day) {
    return new KeyBytes().text(organization).tag(tag(label)).number(day.toEpochDay());
  }

  private static char tag(Label label) {
    return switch (label) {
      case END_USER -> END_USER;
      case TAG -> TAG;
      case PRICE_RULE -> PRICE_RULE;
      case FLAG -> FLAG;
    };
  }

  private static Label label(char tag) {
    return switch (tag) {
      case END_USER -> Label.END_USER;
      case TAG -> Label.TAG;
      case PRICE_RULE -> Label.PRICE_RULE;
      case FLAG -> Label.FLAG;
      default -> throw new IllegalStateException("not the tag of a label: " + tag);
    };
  }

  private static KeyBytes upstreamPrefix(String organization, LocalDate day) {
    return new KeyBytes().text(organization).tag(UPSTREAM).number(day.toEpochDay());
  }
}
