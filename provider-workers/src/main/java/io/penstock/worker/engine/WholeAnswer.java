package io.penstock.worker.engine;

import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.http.UpstreamResult.Answered;
import io.penstock.worker.http.UpstreamResult.Broken;
import io.penstock.worker.http.UpstreamResult.CutOff;
import io.penstock.worker.http.UpstreamResult.NotConnected;
import io.penstock.worker.limit.RateHeaders;

/** Ends calls whose answer comes in one, or never. */
final class WholeAnswer {

  private WholeAnswer() {}

  /** A whole answer came, of whatever status. */
  static CallEnd end(CallAttempt attempt, Exchange exchange, Answered answered) {
    var now = attempt.now();
    var reading =
        answered.status() == 200
            ? exchange.read(answered.body(), now)
            : exchange.readError(answered.status(), answered.headers(), answered.body(), now);
    var limits = RateHeaders.parse(answered.headers()::value, now);
    var providerRequestId = exchange.providerRequestId(answered.headers());
    return switch (reading) {
      case Reading.Failed(var failure, var usage) ->
          attempt.failed(
              failure,
              usage,
              providerRequestId,
              attempt.deliveredBefore(),
              CallFeedback.refused(attempt.tokensReserved(), failure, usage, limits));
      case Reading.Usable(var usage, var finishReason, var answer) ->
          attempt.succeeded(
              0,
              answer,
              exchange.outgoing().warnings(),
              usage,
              finishReason,
              providerRequestId,
              attempt.at(answered.headNanos()),
              limits);
    };
  }

  /** No whole answer came. */
  static CallEnd end(CallAttempt attempt, Exchange exchange, Broken broken) {
    if (broken instanceof CutOff(_, var status, var part) && status != null && status >= 300) {
      var reading = exchange.readError(status, Headers.NONE, part, attempt.now());
      return attempt.failed(
          reading.failure(),
          reading.usage(),
          null,
          attempt.deliveredBefore(),
          CallFeedback.refused(
              attempt.tokensReserved(), reading.failure(), reading.usage(), RateHeaders.NONE));
    }
    var failure = Failures.of(broken, attempt.call(), attempt.now());
    if (broken instanceof NotConnected) {
      return attempt.notMade(failure);
    }
    var came = broken instanceof CutOff(_, _, var part) ? part.length : 0;
    return attempt.inDoubt(failure, exchange.estimate(came));
  }
}
