package io.penstock.billing.stream;

import io.penstock.billing.report.RollUpKey;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import org.apache.kafka.common.utils.Bytes;

/** Keys of the stores; each begins with the organisation, so that no scan can leave it. */
final class Keys {

  private static final char DAILY = 'd';
  private static final char TOTAL = 't';

  private Keys() {}

  static Bytes journal(String organization, long sequence) {
    return new KeyBytes().text(organization).number(sequence).done();
  }

  static Bytes seen(String organization, String usage) {
    return new KeyBytes().text(organization).text(usage).done();
  }

  static Bytes rollUp(RollUpKey key) {
    return switch (key) {
      case RollUpKey.Daily daily ->
          dayPrefix(daily.organization(), daily.day())
              .text(daily.apiKey())
              .text(daily.model())
              .text(daily.pool())
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

  /** Before all daily keys of a day, and after all of the day before. */
  static Bytes day(String organization, LocalDate day) {
    return dayPrefix(organization, day).done();
  }

  /** What all lifetime keys of an organisation begin with. */
  static Bytes totals(String organization) {
    return new KeyBytes().text(organization).tag(TOTAL).done();
  }

  static RollUpKey rollUp(Bytes bytes) {
    var key = ByteBuffer.wrap(bytes.get());
    var organization = KeyBytes.text(key);
    return switch ((char) key.get()) {
      case DAILY ->
          new RollUpKey.Daily(
              organization,
              LocalDate.ofEpochDay(key.getLong()),
              KeyBytes.text(key),
              KeyBytes.text(key),
              KeyBytes.text(key));
      case TOTAL -> new RollUpKey.Total(organization, KeyBytes.text(key), KeyBytes.text(key));
      default -> throw new IllegalStateException("not a key of a roll-up: " + bytes);
    };
  }

  private static KeyBytes dayPrefix(String organization, LocalDate day) {
    return new KeyBytes().text(organization).tag(DAILY).number(day.toEpochDay());
  }
}
