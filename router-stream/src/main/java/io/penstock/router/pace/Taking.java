package io.penstock.router.pace;

import java.util.List;

/**
 * What a request takes of its limits, all of it or nothing.
 *
 * @param takes one for each account
 */
public record Taking(List<Take> takes) {

  public static final Taking NOTHING = new Taking(List.of());

  public Taking {
    takes = List.copyOf(takes);
  }

  /**
   * What it takes of one.
   *
   * @param account its name
   * @param limit under which it was allowed
   */
  public record Take(String account, Measure measure, long amount, long limit) {}

  /** What is not given back when the request is refused after all: that it was made. */
  public Taking requestsOnly() {
    return new Taking(takes.stream().filter(take -> take.measure() == Measure.REQUESTS).toList());
  }

  /** Accounts that hear of the request's end. */
  public List<String> accounts() {
    return takes.stream()
        .filter(take -> take.measure() != Measure.REQUESTS)
        .map(Take::account)
        .toList();
  }
}
