package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;
import java.util.Map;

/**
 * The log in numbers.
 *
 * @param calls calls received, open ones included
 * @param served complete 200 answers
 * @param clientGone answers nobody was there for
 * @param inputTokens of the served calls
 * @param outputTokens of the served calls
 * @param byStatus ended calls; 0 stands for no status sent
 * @param byFault ended calls
 * @param byModel all calls
 * @param byKey ended calls by the number of their key
 * @param requestIds different ids that callers sent
 * @param duplicateCalls served calls beyond the first of each id that a caller sent
 * @param repeatedCalls calls beyond the first of each id that a caller sent
 * @param unnamedCalls calls without an id; they have no part in the three numbers before
 * @param inFlight calls that have begun and not ended
 * @param inFlightMax the most at one time
 * @param callsNotKept calls received when the log was full: in all totals, but without details, and
 *     without a part in the numbers about ids
 */
public record CallSummary(
    long calls,
    long served,
    long clientGone,
    long inputTokens,
    long outputTokens,
    Map<Integer, Long> byStatus,
    Map<Fault, Long> byFault,
    Map<String, ModelTotals> byModel,
    Map<Integer, KeyTotals> byKey,
    long requestIds,
    long duplicateCalls,
    long repeatedCalls,
    long unnamedCalls,
    int inFlight,
    int inFlightMax,
    long callsNotKept) {}
