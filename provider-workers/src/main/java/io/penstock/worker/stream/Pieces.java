package io.penstock.worker.stream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts server-sent events into pieces that fit a record. A piece ends where an event does, so that
 * other events may be put between two pieces; only an event that no record could hold is cut.
 */
final class Pieces {

  /** Size that pieces are cut to where an event ends early enough. */
  static final int BYTES = 64 << 10;

  /** Largest piece. */
  static final int BYTES_MAX = 1 << 20;

  private Pieces() {}

  /** Cuts complete events. */
  static List<byte[]> of(byte[] events) {
    if (events.length <= BYTES) {
      return events.length == 0 ? List.of() : List.of(events);
    }
    var pieces = new ArrayList<byte[]>();
    var from = 0;
    while (events.length - from > BYTES) {
      var end = lastEnd(events, from, from + BYTES);
      if (end < 0) {
        end = firstEnd(events, from + BYTES, Math.min(events.length, from + BYTES_MAX));
      }
      if (end < 0) {
        end = Math.min(events.length, from + BYTES_MAX);
      }
      pieces.add(Arrays.copyOfRange(events, from, end));
      from = end;
    }
    if (from < events.length) {
      pieces.add(Arrays.copyOfRange(events, from, events.length));
    }
    return pieces;
  }

  private static int lastEnd(byte[] events, int from, int to) {
    for (int end = to; end > from; end--) {
      if (endsEvent(events, from, end)) {
        return end;
      }
    }
    return -1;
  }

  private static int firstEnd(byte[] events, int from, int to) {
    for (int end = from + 1; end <= to; end++) {
      if (endsEvent(events, 0, end)) {
        return end;
      }
    }
    return -1;
  }

  /** Whether the bytes before this place are an empty line, whichever way lines end. */
  private static boolean endsEvent(byte[] events, int from, int end) {
    if (end - from < 2 || end < events.length && events[end - 1] == '\r' && events[end] == '\n') {
      return false;
    }
    var last = events[end - 1];
    var before = events[end - 2];
    return last == '\n' && before == '\n'
        || last == '\r' && before == '\r'
        || last == '\n' && before == '\r' && end - from >= 4 && events[end - 3] == '\n';
  }
}
