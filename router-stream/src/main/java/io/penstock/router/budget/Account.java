package io.penstock.router.budget;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An account as it is kept. One that does not roll has a single part, at 0.
 *
 * @param endsAt when nothing of it counts any more, milliseconds since 1970
 * @param told highest percent of the limit that was told of
 * @param toldIn start of the part in which that was
 * @param parts in no order
 */
public record Account(long endsAt, int told, long toldIn, List<Part> parts) {

  public static final Account NEW = new Account(Long.MIN_VALUE, 0, 0, List.of());

  public Account {
    parts = List.copyOf(parts);
  }

  /**
   * What was posted and is held of requests that came in one part of a window.
   *
   * @param start milliseconds since 1970
   */
  public record Part(long start, long posted, long held) {}

  /**
   * All that counts at a time.
   *
   * @param at start of the part that the time is in
   * @param span length of the window; zero when it does not roll
   */
  public Balance balance(long at, Duration span) {
    var from = at - span.toMillis();
    var posted = 0L;
    var held = 0L;
    var oldest = Long.MAX_VALUE;
    for (var part : parts) {
      // a part after the time is one from before a clock went back: it counts
      if (part.start() >= from) {
        posted = Math.addExact(posted, part.posted());
        held = Math.addExact(held, part.held());
        oldest = Math.min(oldest, part.start());
      }
    }
    return new Balance(
        posted, held, toldIn >= from ? told : 0, oldest == Long.MAX_VALUE ? at : oldest);
  }

  /** After an amount was reserved. */
  public Account hold(Hold.Account hold) {
    var start = AccountNames.part(hold.name());
    var span = AccountNames.span(hold.name());
    var known = part(start);
    var next = new Part(start, known.posted(), Math.addExact(known.held(), hold.amount()));
    return told(hold.told(), start, hold.endsAt()).with(next, span);
  }

  /** After it was told of a threshold, if of any. */
  public Account told(int percent, long start, long ends) {
    return new Account(
        Math.max(endsAt, ends), percent > 0 ? percent : told, percent > 0 ? start : toldIn, parts);
  }

  /** After a hold was resolved: all of it is released, and what was used is posted. */
  public Account settle(String name, long held, long posted) {
    var known = part(AccountNames.part(name));
    return with(
        new Part(
            known.start(),
            Math.addExact(known.posted(), posted),
            Math.subtractExact(known.held(), held)),
        AccountNames.span(name));
  }

  /** Whether nothing is held. */
  public boolean idle() {
    for (var part : parts) {
      if (part.held() != 0) {
        return false;
      }
    }
    return true;
  }

  private Part part(long start) {
    for (var part : parts) {
      if (part.start() == start) {
        return part;
      }
    }
    return new Part(start, 0, 0);
  }

  /**
   * Parts are dropped when two windows have passed, not one: a clock that goes back by less than a
   * window finds them all.
   */
  private Account with(Part changed, Duration span) {
    if (span.isZero()) {
      return new Account(endsAt, told, toldIn, List.of(changed));
    }
    var from = changed.start();
    for (var part : parts) {
      from = Math.max(from, part.start());
    }
    from -= 2 * span.toMillis();
    var kept = new ArrayList<Part>(parts.size() + 1);
    for (var part : parts) {
      if (part.start() != changed.start() && (part.start() >= from || part.held() != 0)) {
        kept.add(part);
      }
    }
    kept.add(changed);
    return new Account(endsAt, told, toldIn, kept);
  }
}
