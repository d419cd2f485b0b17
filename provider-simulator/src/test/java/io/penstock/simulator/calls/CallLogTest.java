package io.penstock.simulator.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallIdentity.Anonymous;
import io.penstock.simulator.calls.CallIdentity.Named;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CallLogTest {
  private static final long WALL = 1_700_000_000_000L;

  private final CallLog log = new CallLog(100_000, WALL, 0);

  @Test
  void aServedCallIsKeptWithAllItsDetails() {
    var ticket = log.begin(new Named("r1"), CallOrigin.of("m"), 3, 5_000_000);

    log.end(ticket, CallEnd.served(Fault.SLOW, 10, 20), 9_000_000);

    assertThat(log.callsOf("r1"))
        .containsExactly(
            new Call(
                0,
                "r1",
                true,
                CallOrigin.of("m"),
                3,
                WALL + 5,
                5_000_000,
                9_000_000,
                CallEnd.served(Fault.SLOW, 10, 20)));
  }

  @Test
  void onlyServedCallsCountTokens() {
    log.end(
        log.begin(new Named("r1"), CallOrigin.of("m"), 1, 0),
        CallEnd.served(Fault.NONE, 10, 20),
        1);
    log.end(
        log.begin(new Named("r2"), CallOrigin.of("m"), 1, 0),
        CallEnd.notServed(500, Fault.HTTP_500),
        1);
    log.end(
        log.begin(new Named("r3"), CallOrigin.of("k"), 1, 0), CallEnd.clientGone(Fault.NONE), 1);
    log.begin(new Named("r4"), CallOrigin.of("k"), 1, 0);

    var summary = log.summary();

    assertThat(summary.calls()).isEqualTo(4);
    assertThat(summary.served()).isEqualTo(1);
    assertThat(summary.clientGone()).isEqualTo(1);
    assertThat(summary.inputTokens()).isEqualTo(10);
    assertThat(summary.outputTokens()).isEqualTo(20);
    assertThat(summary.byStatus()).isEqualTo(Map.of(0, 1L, 200, 1L, 500, 1L));
    assertThat(summary.byFault()).isEqualTo(Map.of(Fault.NONE, 2L, Fault.HTTP_500, 1L));
    assertThat(summary.byModel())
        .isEqualTo(
            Map.of("m", new ModelTotals(2, 1, 10, 20, 0), "k", new ModelTotals(2, 0, 0, 0, 0)));
    assertThat(summary.inFlight()).isEqualTo(1);
    assertThat(summary.inFlightMax()).isEqualTo(1);
  }

  @Test
  void duplicatesAreServedCallsBeyondTheFirstAndRepetitionsAllBeyondTheFirst() {
    serve("once");
    serve("twice");
    serve("twice");
    fail("retried");
    serve("retried");
    fail("lost");
    fail("lost");
    fail("lost");

    var summary = log.summary();

    assertThat(summary.requestIds()).isEqualTo(4);
    assertThat(summary.duplicateCalls()).isEqualTo(1);
    assertThat(summary.repeatedCalls()).isEqualTo(1 + 1 + 2);
    assertThat(log.callsOf("retried")).extracting(Call::attempt).containsExactly(1, 2);
    assertThat(log.callsOf("retried")).extracting(Call::served).containsExactly(false, true);
  }

  @Test
  void anAnswerThatCouldNotBeWrittenIsTakenBack() {
    serve("r1");
    var ticket = log.begin(new Named("r1"), CallOrigin.of("m"), 2, 0);
    var end = CallEnd.served(Fault.NONE, 10, 20);
    log.end(ticket, end, 1);
    assertThat(log.summary().duplicateCalls()).isEqualTo(1);

    log.takeBack(ticket, end, CallEnd.clientGone(0, Fault.NONE, 10, 7), 2);

    var summary = log.summary();
    assertThat(summary.served()).isEqualTo(1);
    assertThat(summary.duplicateCalls()).isZero();
    assertThat(summary.outputTokens()).isEqualTo(20);
    assertThat(summary.clientGone()).isEqualTo(1);
    assertThat(summary.byStatus()).isEqualTo(Map.of(0, 1L, 200, 1L));
    var gone = log.callsOf("r1").getLast();
    assertThat(gone.clientGone()).isTrue();
    assertThat(gone.outputTokens()).isZero();
    assertThat(gone.producedTokens()).isEqualTo(7);
  }

  @Test
  void callsWithoutAnIdHaveNoPartInDuplicates() {
    for (int n = 0; n < 3; n++) {
      var ticket = log.begin(new Anonymous(0xABC), CallOrigin.of("m"), 0, 0);
      assertThat(log.admitted(ticket)).isEqualTo(n + 1);
      log.end(ticket, CallEnd.served(Fault.NONE, 1, 1), 1);
    }

    assertThat(log.summary().unnamedCalls()).isEqualTo(3);
    assertThat(log.summary().requestIds()).isZero();
    assertThat(log.summary().duplicateCalls()).isZero();
    assertThat(log.summary().repeatedCalls()).isZero();
    assertThat(log.calls(0, 10)).extracting(Call::requestId).containsOnly("body-abc");
  }

  @Test
  void aFullLogCountsOnAndSaysThatDetailsAreMissing() {
    var small = new CallLog(2, WALL, 0);

    for (int n = 0; n < 5; n++) {
      var ticket = small.begin(new Named("r" + n), CallOrigin.of("m"), 1, 0);
      assertThat(small.admitted(ticket)).isEqualTo(1);
      small.end(ticket, CallEnd.served(Fault.NONE, 1, 2), 1);
    }

    assertThat(small.calls(0, 10)).hasSize(2);
    assertThat(small.summary().served()).isEqualTo(5);
    assertThat(small.summary().outputTokens()).isEqualTo(10);
    assertThat(small.summary().requestIds()).isEqualTo(2);
    assertThat(small.summary().callsNotKept()).isEqualTo(3);
  }

  @Test
  void aResetForgetsAllButWhatIsInFlight() {
    serve("r1");
    var open = log.begin(new Named("r2"), CallOrigin.of("m"), 1, 0);

    log.reset();

    assertThat(log.summary().calls()).isZero();
    assertThat(log.summary().inFlight()).isEqualTo(1);
    assertThat(log.callsOf("r1")).isEmpty();
    log.end(open, CallEnd.served(Fault.NONE, 1, 2), 1);
    assertThat(log.summary().inFlight()).isZero();
    assertThat(log.summary().served()).isZero();
  }

  @Test
  void tooManyModelsShareOneLine() {
    for (int n = 0; n < 1_500; n++) {
      log.begin(new Named("r" + n), CallOrigin.of("model-" + n), 1, 0);
    }

    assertThat(log.summary().byModel()).hasSize(1_001);
    assertThat(log.summary().byModel().get("(other)")).isEqualTo(new ModelTotals(500, 0, 0, 0, 0));
  }

  @Test
  void everyRequestOfManyIsFoundAgain() {
    for (int n = 0; n < 50_000; n++) {
      serve("request-" + n);
    }
    serve("request-7");

    assertThat(log.summary().requestIds()).isEqualTo(50_000);
    assertThat(log.summary().duplicateCalls()).isEqualTo(1);
    for (int n = 0; n < 50_000; n += 997) {
      assertThat(log.callsOf("request-" + n)).hasSize(1);
    }
    assertThat(log.callsOf("request-7")).extracting(Call::number).containsExactly(7L, 50_000L);
    assertThat(log.calls(49_998, 10)).hasSize(3);
    assertThat(log.callsOf("request-50000")).isEmpty();
  }

  @Test
  void refusalsAreCountedForEveryKey() {
    for (int key = 1; key <= 2; key++) {
      var ticket =
          log.begin(new Named("r" + key), new CallOrigin("m", Surface.ANTHROPIC, key), 1, 0);
      log.end(
          ticket,
          key == 1 ? CallEnd.served(Fault.NONE, 1, 2) : CallEnd.notServed(429, Fault.NONE),
          1);
    }

    assertThat(log.summary().byKey())
        .isEqualTo(Map.of(1, new KeyTotals(1, 1, 0), 2, new KeyTotals(1, 0, 1)));
    assertThat(log.summary().byModel()).containsEntry("m", new ModelTotals(2, 1, 1, 2, 1));
    assertThat(log.calls(0, 2).getLast().origin())
        .isEqualTo(new CallOrigin("m", Surface.ANTHROPIC, 2));
  }

  private void serve(String id) {
    log.end(
        log.begin(new Named(id), CallOrigin.of("m"), 0, 0), CallEnd.served(Fault.NONE, 10, 20), 1);
  }

  private void fail(String id) {
    log.end(
        log.begin(new Named(id), CallOrigin.of("m"), 0, 0),
        CallEnd.notServed(500, Fault.HTTP_500),
        1);
  }
}
