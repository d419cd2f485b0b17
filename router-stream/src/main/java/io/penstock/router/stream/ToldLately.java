package io.penstock.router.stream;

import io.penstock.schemas.avro.AuditRecorded;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was written to {@code audit} within the last hour, for what repeats with every request. Kept
 * in memory only: after a restart it is told once more. Not thread-safe.
 */
final class ToldLately {

  private static final long PAUSE_MILLIS = Duration.ofHours(1).toMillis();
  private static final int KEPT = 1_000;

  private record What(String organization, String action, String subject) {}

  private final Map<What, Long> times =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<What, Long> eldest) {
          return size() > KEPT;
        }
      };

  /** Whether it is time to tell this; then it has been told. */
  boolean due(AuditRecorded record, long nowMillis) {
    var what = new What(record.getOrganization(), record.getAction(), record.getSubject());
    var last = times.get(what);
    if (last != null && nowMillis - last < PAUSE_MILLIS) {
      return false;
    }
    times.remove(what);
    times.put(what, nowMillis);
    return true;
  }
}
