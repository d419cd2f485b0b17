package io.penstock.ingress.jobs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is to dispatch: round robin between organisations, and within an organisation
 * between its batches, so that neither a large batch nor many batches take what belongs to others.
 * Immutable.
 *
 * @param lastOrganization who had the last turn; null before the first
 * @param lastBatches by organisation, the batch that had its last turn
 */
public record Turns(@Nullable String lastOrganization, Map<String, String> lastBatches) {

  public static final Turns START = new Turns(null, Map.of());

  public Turns {
    lastBatches = Map.copyOf(lastBatches);
  }

  /**
   * A batch that has lines to dispatch.
   *
   * @param room lines that it may dispatch now
   */
  public record Candidate(String organization, String batch, long room) {}

  /** A batch may dispatch so many lines. */
  public record Grant(String batch, int lines) {}

  /** One turn for every organisation at most, and where the next round begins. */
  public record Round(List<Grant> grants, Turns next) {
    public Round {
      grants = List.copyOf(grants);
    }
  }

  /**
   * Gives one turn to each organisation that can use it, until the common room is used up.
   *
   * @param room lines that all together may dispatch now
   * @param quantum lines of one turn
   */
  public Round round(List<Candidate> candidates, long room, int quantum) {
    var byOrganization = new TreeMap<String, TreeMap<String, Candidate>>();
    for (var candidate : candidates) {
      if (candidate.room() > 0) {
        byOrganization
            .computeIfAbsent(candidate.organization(), _ -> new TreeMap<>())
            .put(candidate.batch(), candidate);
      }
    }
    var grants = new ArrayList<Grant>();
    var last = lastOrganization;
    // an organisation that has nothing to do now keeps its place among its batches only while it is
    // a candidate
    var batches = new HashMap<>(lastBatches);
    batches.keySet().retainAll(byOrganization.keySet());
    var left = room;
    for (var organization : circular(byOrganization, lastOrganization)) {
      if (left <= 0) {
        break;
      }
      var own = byOrganization.getOrDefault(organization, new TreeMap<>());
      var turn = own.get(circular(own, lastBatches.get(organization)).getFirst());
      if (turn == null) {
        continue;
      }
      var lines = (int) Math.min(Math.min(quantum, turn.room()), left);
      grants.add(new Grant(turn.batch(), lines));
      left -= lines;
      last = organization;
      batches.put(organization, turn.batch());
    }
    return new Round(grants, new Turns(last, batches));
  }

  /** Keys in order, beginning after the last one. */
  private static List<String> circular(TreeMap<String, ?> keys, @Nullable String last) {
    if (last == null) {
      return List.copyOf(keys.keySet());
    }
    var order = new ArrayList<>(keys.tailMap(last, false).keySet());
    order.addAll(keys.headMap(last, true).keySet());
    return order;
  }
}
