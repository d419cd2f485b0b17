package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd.Reach;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every inference call, whatever became of it. An answer is recorded just before it is written, and
 * taken back if writing fails, so that whatever a client has seen is already here.
 *
 * <p>Safe for concurrent use; every method holds the same lock for a short time.
 */
public final class CallLog {
  private static final int MODELS_MAX = 1_000;
  private static final int STATUS_REFUSED = 429;
  private static final String MODELS_OTHER = "(other)";

  private final int keptMax;
  private final long originMillis;
  private final long originNanos;

  private final List<String> models = new ArrayList<>();
  private final List<ModelTotals> modelTotals = new ArrayList<>();
  private final Map<String, Integer> modelNumbers = new HashMap<>();
  private final Map<Integer, KeyTotals> byKey = new TreeMap<>();
  private final Map<Integer, Long> byStatus = new TreeMap<>();
  private final Map<Fault, Long> byFault = new EnumMap<>(Fault.class);
  private IdentityTable identities = new IdentityTable();
  private CallRows rows = new CallRows();
  private int epoch;
  private long begun;
  private long clientGone;
  private long requestIds;
  private long duplicates;
  private long repeated;
  private long unnamed;
  private long notKept;
  private int inFlight;
  private int inFlightMax;

  /**
   * Starts empty.
   *
   * @param keptMax calls kept with details; further ones are only counted
   * @param nowMillis wall time
   * @param nowNanos monotonic time of the same moment
   */
  public CallLog(int keptMax, long nowMillis, long nowNanos) {
    this.keptMax = keptMax;
    this.originMillis = nowMillis;
    this.originNanos = nowNanos;
  }

  /**
   * Records that a call was received.
   *
   * @param attempt as the caller counts, from 1; 0 if it does not say
   */
  public synchronized CallTicket begin(
      CallIdentity identity, CallOrigin origin, int attempt, long startedNanos) {
    begun++;
    inFlight++;
    inFlightMax = Math.max(inFlightMax, inFlight);
    int model = modelNumber(origin.model());
    modelTotals.set(model, modelTotals.get(model).begun());
    boolean named = identity instanceof CallIdentity.Named;
    if (!named) {
      unnamed++;
    }
    if (rows.size() >= keptMax) {
      notKept++;
      return new CallTicket(epoch, CallTicket.NOT_KEPT, CallTicket.NOT_KEPT, model, origin.key());
    }
    int index = identities.findOrAdd(identity);
    int count = identities.addCall(index);
    if (named && count == 1) {
      requestIds++;
    }
    if (named && count > 1) {
      repeated++;
    }
    int row = rows.size();
    rows.add(
        index,
        model,
        origin,
        attempt > 0 ? attempt : count,
        identities.chain(index, row),
        startedNanos);
    return new CallTicket(epoch, row, index, model, origin.key());
  }

  /**
   * Counts a call that got past the limits and answers how many of its request there are now, from
   * 1. Only these count for planned faults: how often the limits refused a call depends on timing.
   */
  public synchronized int admitted(CallTicket ticket) {
    return ticket.epoch() == epoch && ticket.identity() >= 0
        ? identities.addAdmitted(ticket.identity())
        : 1;
  }

  /** Records how a call ended; to be called once, just before the answer is written. */
  public synchronized void end(CallTicket ticket, CallEnd end, long endedNanos) {
    inFlight--;
    if (ticket.epoch() != epoch) {
      return;
    }
    count(ticket, end, 1);
    if (ticket.row() >= 0) {
      rows.end(ticket.row(), end, endedNanos);
    }
  }

  /**
   * Takes back an answer that could not be written.
   *
   * @param gone what is to be recorded in its place
   */
  public synchronized void takeBack(CallTicket ticket, CallEnd end, CallEnd gone, long endedNanos) {
    if (ticket.epoch() != epoch) {
      return;
    }
    count(ticket, end, -1);
    count(ticket, gone, 1);
    if (ticket.row() >= 0) {
      rows.end(ticket.row(), gone, endedNanos);
    }
  }

  /** The log in numbers. */
  public synchronized CallSummary summary() {
    var byModel = new TreeMap<String, ModelTotals>();
    var all = ModelTotals.NONE;
    for (int model = 0; model < models.size(); model++) {
      var totals = modelTotals.get(model);
      byModel.put(models.get(model), totals);
      all = all.plusServed(totals.served(), totals.inputTokens(), totals.outputTokens());
    }
    return new CallSummary(
        begun,
        all.served(),
        clientGone,
        all.inputTokens(),
        all.outputTokens(),
        new TreeMap<>(byStatus),
        new EnumMap<>(byFault),
        byModel,
        new TreeMap<>(byKey),
        requestIds,
        duplicates,
        repeated,
        unnamed,
        inFlight,
        inFlightMax,
        notKept);
  }

  /** Calls in the order in which they were received, at most {@code limit} from {@code offset}. */
  public synchronized List<Call> calls(int offset, int limit) {
    var page = new ArrayList<Call>();
    for (int row = Math.max(0, offset); row < rows.size() && page.size() < limit; row++) {
      page.add(call(row));
    }
    return page;
  }

  /** All calls of one request in the order in which they were received; empty if unknown. */
  public synchronized List<Call> callsOf(CallIdentity identity) {
    var found = new ArrayList<Call>();
    int index = identities.find(identity);
    int row = index == IdentityTable.NONE ? IdentityTable.NONE : identities.lastRow(index);
    while (row != IdentityTable.NONE) {
      found.addFirst(call(row));
      row = rows.before(row);
    }
    return found;
  }

  /** All calls of the request with this id in the order in which they were received. */
  public List<Call> callsOf(String requestId) {
    return callsOf(new CallIdentity.Named(requestId));
  }

  /** Forgets everything but the calls in flight, which will no longer be counted when they end. */
  public synchronized void reset() {
    epoch++;
    identities = new IdentityTable();
    rows = new CallRows();
    models.clear();
    modelTotals.clear();
    modelNumbers.clear();
    byKey.clear();
    byStatus.clear();
    byFault.clear();
    begun = 0;
    clientGone = 0;
    requestIds = 0;
    duplicates = 0;
    repeated = 0;
    unnamed = 0;
    notKept = 0;
    inFlightMax = inFlight;
  }

  private void count(CallTicket ticket, CallEnd end, int change) {
    byStatus.merge(end.status(), (long) change, CallLog::sumOrNothing);
    byFault.merge(end.fault(), (long) change, CallLog::sumOrNothing);
    byKey.put(ticket.key(), byKey.getOrDefault(ticket.key(), KeyTotals.NONE).plus(end, change));
    if (end.status() == STATUS_REFUSED) {
      modelTotals.set(ticket.model(), modelTotals.get(ticket.model()).plusRefused(change));
    }
    if (end.reach() == Reach.CLIENT_GONE) {
      clientGone += change;
    }
    if (end.reach() != Reach.SERVED) {
      return;
    }
    modelTotals.set(
        ticket.model(),
        modelTotals
            .get(ticket.model())
            .plusServed(
                change, (long) change * end.inputTokens(), (long) change * end.producedTokens()));
    if (ticket.identity() >= 0 && identities.isNamed(ticket.identity())) {
      int served = identities.addServed(ticket.identity(), change);
      duplicates += duplicatesAmong(served) - duplicatesAmong(served - change);
    }
  }

  @SuppressWarnings("NullAway") // A null result makes Map.merge remove the entry.
  private static Long sumOrNothing(long first, long second) {
    return first + second == 0 ? null : first + second;
  }

  private static int duplicatesAmong(int served) {
    return Math.max(0, served - 1);
  }

  private int modelNumber(String name) {
    var known = modelNumbers.get(name);
    if (known != null) {
      return known;
    }
    if (models.size() >= MODELS_MAX && !name.equals(MODELS_OTHER)) {
      return modelNumber(MODELS_OTHER);
    }
    models.add(name);
    modelTotals.add(ModelTotals.NONE);
    modelNumbers.put(name, models.size() - 1);
    return models.size() - 1;
  }

  private Call call(int row) {
    int identity = rows.identity(row);
    long startedNanos = rows.startedNanos(row);
    return new Call(
        row,
        identities.name(identity),
        identities.isNamed(identity),
        new CallOrigin(models.get(rows.model(row)), rows.surface(row), rows.key(row)),
        rows.attempt(row),
        originMillis + (startedNanos - originNanos) / 1_000_000,
        startedNanos,
        rows.endedNanos(row),
        rows.end(row));
  }
}
