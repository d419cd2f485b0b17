package io.penstock.simulator.behaviour;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A fault that somebody asked for, by header, model name or control surface.
 *
 * @param times how many calls of one request it strikes, from the first; later ones are answered
 * @param after how many events with content a stream shows before it strikes
 */
public record FaultOrder(Fault fault, int times, int after) {
  /** As often as the request comes. */
  public static final int ALWAYS = Integer.MAX_VALUE;

  /** Where a stream breaks unless the order says otherwise. */
  public static final int AFTER_DEFAULT = 3;

  private static final Pattern FORM =
      Pattern.compile("(.+?)(?:-after-(\\d{1,6}))?(?:-times-(\\d{1,6}))?");

  /** Always, and after the usual number of events. */
  public static FaultOrder of(Fault fault) {
    return new FaultOrder(fault, ALWAYS, AFTER_DEFAULT);
  }

  /**
   * Reads for example {@code 503}, {@code cut-after-5} or {@code stall-after-2-times-1}.
   *
   * @throws IllegalArgumentException if there is no such fault; the message lists all
   */
  public static FaultOrder parse(String text) {
    var matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("the name of a fault is missing");
    }
    return new FaultOrder(
        Fault.parse(matcher.group(1)),
        Optional.ofNullable(matcher.group(3)).map(Integer::parseInt).orElse(ALWAYS),
        Optional.ofNullable(matcher.group(2)).map(Integer::parseInt).orElse(AFTER_DEFAULT));
  }

  /** The same for so many calls of a request. */
  public FaultOrder withTimes(int count) {
    return new FaultOrder(fault, count, after);
  }

  /** What it means for the nth call of a request, from 1. */
  public FaultOrder at(int nth) {
    return nth <= times ? this : of(Fault.NONE);
  }
}
