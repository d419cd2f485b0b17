package io.penstock.simulator.behaviour;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What somebody asked a call to be like; what is empty is left to the configuration.
 *
 * @param latency until the answer is complete
 * @param gap between two events of a stream, on top of the latency
 * @param retryAfter what an error asks to wait
 * @param tokens how long each answer is
 * @param toolCalls how many tools are called at once
 */
public record Orders(
    Optional<FaultOrder> fault,
    Optional<Duration> latency,
    Optional<Duration> gap,
    Optional<Duration> retryAfter,
    OptionalInt tokens,
    OptionalInt toolCalls,
    Set<Trait> traits) {
  /** Nothing asked for. */
  public static final Orders NONE =
      new Orders(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Set.of());

  private static final List<String> FAULT_PREFIXES = List.of("fault-", "sim-");
  private static final int TOKENS_MAX = 1_000_000;
  private static final int TOOL_CALLS_MAX = 128;

  /** Copies the set. */
  public Orders {
    traits = Set.copyOf(traits);
  }

  /** Only this fault. */
  public static Orders of(FaultOrder fault) {
    return NONE.withFault(fault);
  }

  /** The same with another fault. */
  public Orders withFault(FaultOrder order) {
    return new Orders(Optional.of(order), latency, gap, retryAfter, tokens, toolCalls, traits);
  }

  /** The same with more traits. */
  public Orders withTraits(Set<Trait> more) {
    if (more.isEmpty()) {
      return this;
    }
    var all = EnumSet.copyOf(more);
    all.addAll(traits);
    return new Orders(fault, latency, gap, retryAfter, tokens, toolCalls, all);
  }

  /** Whether the answer shall have this peculiarity. */
  public boolean has(Trait trait) {
    return traits.contains(trait);
  }

  /** These, and where they are silent, those. */
  public Orders or(Orders weaker) {
    if (weaker.equals(NONE)) {
      return this;
    }
    if (equals(NONE)) {
      return weaker;
    }
    return new Orders(
            fault.or(weaker::fault),
            latency.or(weaker::latency),
            gap.or(weaker::gap),
            retryAfter.or(weaker::retryAfter),
            tokens.isPresent() ? tokens : weaker.tokens,
            toolCalls.isPresent() ? toolCalls : weaker.toolCalls,
            traits)
        .withTraits(weaker.traits);
  }

  /**
   * Reads orders with plus signs between them, such as {@code fault-503-times-2+latency-200ms}.
   *
   * @throws IllegalArgumentException if one is not understood; the message says which
   */
  public static Orders parse(String text) {
    var orders = NONE;
    for (var part : text.split("\\+", -1)) {
      orders = orders.or(parseOne(part.strip().toLowerCase(Locale.ROOT)));
    }
    return orders;
  }

  private static Orders parseOne(String text) {
    for (var prefix : FAULT_PREFIXES) {
      if (text.startsWith(prefix)) {
        return of(FaultOrder.parse(text.substring(prefix.length())));
      }
    }
    var trait = Trait.find(text);
    if (trait.isPresent()) {
      return NONE.withTraits(Set.of(trait.get()));
    }
    int dash = text.lastIndexOf('-');
    var name = text.substring(0, Math.max(0, dash));
    var value = text.substring(dash + 1);
    return switch (name) {
      case "latency" -> timed(Optional.of(time(value)), Optional.empty(), Optional.empty());
      case "gap" -> timed(Optional.empty(), Optional.of(time(value)), Optional.empty());
      case "retry-after" -> timed(Optional.empty(), Optional.empty(), Optional.of(time(value)));
      case "tokens" ->
          counted(OptionalInt.of(number(text, value, TOKENS_MAX)), OptionalInt.empty());
      case "tool-calls" ->
          counted(OptionalInt.empty(), OptionalInt.of(number(text, value, TOOL_CALLS_MAX)))
              .withTraits(Set.of(Trait.TOOLS));
      default -> throw new IllegalArgumentException("unknown order '" + text + "'");
    };
  }

  private static Orders timed(
      Optional<Duration> latency, Optional<Duration> gap, Optional<Duration> retryAfter) {
    return new Orders(
        Optional.empty(),
        latency,
        gap,
        retryAfter,
        OptionalInt.empty(),
        OptionalInt.empty(),
        Set.of());
  }

  private static Orders counted(OptionalInt tokens, OptionalInt toolCalls) {
    return new Orders(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        tokens,
        toolCalls,
        Set.of());
  }

  private static Duration time(String value) {
    var time = DurationText.parse(value);
    if (time.compareTo(Latency.LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a time must be between 0 and " + Latency.LONGEST.toHours() + " h");
    }
    return time;
  }

  private static int number(String text, String value, int largest) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 0 && number <= largest) {
        return number;
      }
    } catch (NumberFormatException notANumber) {
      throw new IllegalArgumentException("'" + text + "' must end with a whole number", notANumber);
    }
    throw new IllegalArgumentException("'" + text + "' must be from 0 to " + largest);
  }

  /** The orders as {@link #parse} reads them; empty if there are none. */
  public String text() {
    var parts = new ArrayList<String>();
    fault.ifPresent(
        order ->
            parts.add(
                "fault-"
                    + order.fault().wireName()
                    + (order.after() == FaultOrder.AFTER_DEFAULT ? "" : "-after-" + order.after())
                    + (order.times() == FaultOrder.ALWAYS ? "" : "-times-" + order.times())));
    latency.ifPresent(time -> parts.add("latency-" + time.toMillis() + "ms"));
    gap.ifPresent(time -> parts.add("gap-" + time.toMillis() + "ms"));
    retryAfter.ifPresent(time -> parts.add("retry-after-" + time.toMillis() + "ms"));
    tokens.ifPresent(count -> parts.add("tokens-" + count));
    toolCalls.ifPresent(count -> parts.add("tool-calls-" + count));
    traits.stream()
        .sorted()
        .filter(trait -> trait != Trait.TOOLS || toolCalls.isEmpty())
        .forEach(trait -> parts.add(trait.wireName()));
    return String.join("+", parts);
  }
}
