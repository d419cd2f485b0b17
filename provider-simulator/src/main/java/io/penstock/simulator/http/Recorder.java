package io.penstock.simulator.http;

import io.penstock.simulator.Ticker;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.calls.CallLog;
import io.penstock.simulator.calls.CallTicket;
import org.jspecify.annotations.Nullable;

/** Sees to it that every call ends once in the log. Owned by one thread. */
final class Recorder implements Witness {
  private final CallLog log;
  private final Ticker ticker;
  private final CallTicket ticket;
  private Fault fault = Fault.NONE;
  private int inputTokens;
  private int producedTokens;
  private int status;
  private @Nullable CallEnd ended;

  Recorder(CallLog log, Ticker ticker, CallTicket ticket) {
    this.log = log;
    this.ticker = ticker;
    this.ticket = ticket;
  }

  CallTicket ticket() {
    return ticket;
  }

  /** The call was let through. */
  void performs(Fault what, int tokensRead) {
    fault = what;
    inputTokens = tokensRead;
  }

  @Override
  public void headSent() {
    status = 200;
  }

  @Override
  public void produced(int tokens) {
    producedTokens = tokens;
  }

  @Override
  public void end(CallEnd end) {
    ended = end;
    log.end(ticket, end, ticker.nanos());
  }

  /** The connection ended before the answer did. */
  void clientGone() {
    var gone = CallEnd.clientGone(status, fault, inputTokens, producedTokens);
    if (ended == null) {
      end(gone);
    } else {
      log.takeBack(ticket, ended, gone, ticker.nanos());
    }
  }

  /** Only a defect of ours leaves a call open. */
  void endIfOpen() {
    if (ended == null) {
      end(CallEnd.notServed(500, Fault.NONE));
    }
  }
}
