package io.penstock.ingress.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.jobs.Turns.Candidate;
import io.penstock.ingress.jobs.Turns.Grant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TurnsTest {

  private static final int QUANTUM = 64;

  @Test
  void aSmallBatchBehindAHugeOneGetsEveryOtherTurn() {
    var left = new HashMap<>(Map.of("huge", 1_000_000L, "small", 128L));
    var order = play(left, Map.of("huge", "a", "small", "b"), 4 * QUANTUM);

    assertThat(order)
        .containsExactly(
            new Grant("huge", 64),
            new Grant("small", 64),
            new Grant("huge", 64),
            new Grant("small", 64));
  }

  @Test
  void anOrganisationWithManyBatchesGetsNoMoreThanOneWithASingleOne() {
    var left = new HashMap<String, Long>();
    var owners = new HashMap<String, String>();
    for (int i = 0; i < 9; i++) {
      left.put("many-" + i, 100_000L);
      owners.put("many-" + i, "greedy");
    }
    left.put("one", 100_000L);
    owners.put("one", "modest");

    var shares = shares(play(left, owners, 100 * QUANTUM), owners);

    assertThat(shares.get("greedy")).isEqualTo(shares.get("modest"));
  }

  @Test
  void tenOrganisationsShareEvenly() {
    var left = new HashMap<String, Long>();
    var owners = new HashMap<String, String>();
    for (int i = 0; i < 10; i++) {
      left.put("batch-" + i, 1_000_000L);
      owners.put("batch-" + i, "org-" + i);
    }

    var shares = shares(play(left, owners, 1_003 * QUANTUM), owners).values();

    var most = shares.stream().mapToLong(Long::longValue).max().orElseThrow();
    var least = shares.stream().mapToLong(Long::longValue).min().orElseThrow();
    assertThat(most - least).isLessThanOrEqualTo(QUANTUM);
  }

  @Test
  void batchesOfOneOrganisationTakeTurns() {
    var left = new HashMap<>(Map.of("x", 1_000L, "y", 1_000L, "z", 1_000L));
    var order = play(left, Map.of("x", "a", "y", "a", "z", "a"), 6 * QUANTUM);

    assertThat(order.stream().map(Grant::batch)).containsExactly("x", "y", "z", "x", "y", "z");
  }

  @Test
  void aRoundEndsWhenTheCommonRoomIsUsedUpAndTheNextBeginsWithWhoWasLeftOut() {
    var candidates =
        List.of(
            new Candidate("a", "x", 500),
            new Candidate("b", "y", 500),
            new Candidate("c", "z", 500));

    var first = Turns.START.round(candidates, 80, QUANTUM);
    var second = first.next().round(candidates, QUANTUM, QUANTUM);

    assertThat(first.grants()).containsExactly(new Grant("x", 64), new Grant("y", 16));
    assertThat(second.grants()).containsExactly(new Grant("z", 64));
  }

  @Test
  void nobodyGetsMoreThanItsOwnRoomAndAFullWindowGetsNothing() {
    var candidates = List.of(new Candidate("a", "x", 3), new Candidate("b", "y", 0));

    assertThat(Turns.START.round(candidates, 1_000, QUANTUM).grants())
        .containsExactly(new Grant("x", 3));
    assertThat(Turns.START.round(candidates, 0, QUANTUM).grants()).isEmpty();
  }

  /** Lets batches dispatch one quantum of common room at a time. */
  private static List<Grant> play(Map<String, Long> left, Map<String, String> owners, long lines) {
    var grants = new ArrayList<Grant>();
    var turns = Turns.START;
    for (long done = 0; done < lines; done += QUANTUM) {
      var candidates =
          left.entrySet().stream()
              .map(
                  e -> new Candidate(owners.getOrDefault(e.getKey(), ""), e.getKey(), e.getValue()))
              .toList();
      var round = turns.round(candidates, QUANTUM, QUANTUM);
      turns = round.next();
      for (var grant : round.grants()) {
        left.merge(grant.batch(), (long) -grant.lines(), Long::sum);
        grants.add(grant);
      }
    }
    return grants;
  }

  private static Map<String, Long> shares(List<Grant> grants, Map<String, String> owners) {
    var shares = new HashMap<String, Long>();
    for (var grant : grants) {
      shares.merge(owners.getOrDefault(grant.batch(), ""), (long) grant.lines(), Long::sum);
    }
    return shares;
  }
}
