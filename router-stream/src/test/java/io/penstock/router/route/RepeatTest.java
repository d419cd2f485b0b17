package io.penstock.router.route;

import static io.penstock.router.Fixtures.DEADLINE;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.router.route.Remembered.Answered;
import io.penstock.router.route.Remembered.Pending;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyFinished;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatTest {

  private final Journey journey = new Journey(Fixtures.table());

  /** A repetition comes from another caller, at another instance. */
  private static InferenceRequested asked(String id, String fingerprint) {
    var request = Fixtures.request(id, "one", AnswerTo.BOTH);
    request.setIdempotencyKey("k");
    request.setFingerprint(fingerprint);
    request.setReply(new ReplyAddress("ingress-of-" + id, 1));
    return request;
  }

  private void first() {
    journey.on(new Requested(asked("r1", "f")));
  }

  private Decision again(String id, String fingerprint) {
    return Router.decide(new Unknown(), new Requested(asked(id, fingerprint)), journey.world());
  }

  private void follow(String id) {
    for (var effect : again(id, "f").effects()) {
      if (effect instanceof Effect.Remember(_, var key, var what, _)) {
        journey.remembered.put(key, what);
      }
    }
  }

  private static ReplyFinished reply(Decision decision) {
    return replies(decision.effects()).getFirst();
  }

  private static List<ReplyFinished> replies(List<Effect> effects) {
    return effects.stream()
        .filter(Effect.Reply.class::isInstance)
        .map(effect -> ((Effect.Reply) effect).reply())
        .toList();
  }

  @Test
  void whatWasAnsweredIsAnsweredAgainWithoutACallOrACharge() {
    first();
    journey.succeeds();

    var decision = again("r2", "f");

    assertThat(decision.next()).isInstanceOf(Done.class);
    assertThat(decision.effects()).hasSize(1);
    var reply = reply(decision);
    assertThat(reply.getRequestId()).isEqualTo("r2");
    assertThat(reply.getInstance()).isEqualTo("ingress-of-r2");
    assertThat(reply.getReplayOf()).isEqualTo("r1");
    assertThat(reply.getHttpStatus()).isEqualTo(200);
    assertThat(text(reply.getBody())).isEqualTo(Fixtures.ANSWER);
    assertThat(reply.getPool()).isEqualTo("alpha");
  }

  @Test
  void whoAsksWhileItIsBeingWorkedOnHearsTheSameAnswer() {
    first();
    follow("r2");
    follow("r3");

    journey.succeeds();

    assertThat(journey.of(Effect.Call.class)).hasSize(1);
    assertThat(journey.of(Effect.RecordUsage.class)).hasSize(1);
    assertThat(replies(journey.last))
        .extracting(ReplyFinished::getRequestId)
        .containsExactly("r2", "r3");
    assertThat(replies(journey.last))
        .allSatisfy(
            reply -> {
              assertThat(reply.getReplayOf()).isEqualTo("r1");
              assertThat(text(reply.getBody())).isEqualTo(Fixtures.ANSWER);
            });
    assertThat(journey.remembered.get("k")).isInstanceOf(Answered.class);
  }

  @Test
  void anotherRequestUnderTheSameKeyIsRefusedWhileTheFirstIsOpenAndAfterwards() {
    first();
    var meanwhile = again("r2", "other");
    journey.succeeds();
    var afterwards = again("r3", "other");

    for (var decision : List.of(meanwhile, afterwards)) {
      assertThat(decision.effects()).hasSize(1);
      assertThat(reply(decision).getHttpStatus()).isEqualTo(422);
      assertThat(text(reply(decision).getBody())).contains("idempotency_key_reused");
      assertThat(reply(decision).getReplayOf()).isNull();
    }
  }

  @Test
  void whatFailedWasNotChargedSoThatAskingAgainIsANewTry() {
    first();
    follow("r2");

    journey.fails(FailureKind.BAD_REQUEST);

    assertThat(replies(journey.last))
        .extracting(ReplyFinished::getRequestId)
        .containsExactly("r1", "r2");
    assertThat(replies(journey.last))
        .extracting(reply -> text(reply.getBody()))
        .containsOnly(text(replies(journey.last).getFirst().getBody()));
    assertThat(replies(journey.last).getLast().getReplayOf()).isEqualTo("r1");
    assertThat(journey.remembered).isEmpty();
    assertThat(again("r3", "f").effects()).anyMatch(Effect.Call.class::isInstance);
  }

  @Test
  void whatNobodyAnsweredInTimeIsToldToAllAndForgotten() {
    first();
    follow("r2");

    journey.after(DEADLINE).on(new RequestEvent.DeadlinePassed());

    assertThat(replies(journey.last))
        .extracting(ReplyFinished::getHttpStatus)
        .containsExactly(504, 504);
    assertThat(journey.remembered).isEmpty();
  }

  @Test
  void anAnswerThatCameBeforeItsRequestIsRememberedToo() {
    var call = Journey.of(asked("r1", "f")).lastCall();
    journey.on(new RequestEvent.Finished(Fixtures.finished(call, T0)));

    first();

    assertThat(journey.remembered.get("k")).isInstanceOf(Answered.class);
    assertThat(reply(again("r2", "f")).getHttpStatus()).isEqualTo(200);
  }

  @Test
  void anAnswerThatWasNotKeptIsNeitherGivenNorMadeAgain() {
    first();
    follow("r2");
    var finished = Fixtures.finished(journey.lastCall(), T0);
    finished.setAnswer(null);

    journey.on(new RequestEvent.Finished(finished));

    assertThat(replies(journey.last)).extracting(ReplyFinished::getHttpStatus).containsExactly(409);
    var later = again("r3", "f");
    assertThat(later.effects()).hasSize(1);
    assertThat(reply(later).getHttpStatus()).isEqualTo(409);
  }

  @Test
  void noMoreThanAHundredWaitForOneAnswer() {
    first();
    for (int i = 0; i < Repeating.FOLLOWERS_MAX; i++) {
      follow("f" + i);
    }

    var decision = again("late", "f");

    assertThat(journey.remembered.get("k"))
        .isInstanceOfSatisfying(
            Pending.class, pending -> assertThat(pending.followers()).hasSize(100));
    assertThat(reply(decision).getHttpStatus()).isEqualTo(409);
    assertThat(reply(decision).getRetryAfterMs()).isEqualTo(1000);
  }

  @Test
  void theSameRecordTwiceIsIgnoredTheSecondTime() {
    first();
    journey.succeeds();
    var done = again("r2", "f").next();

    assertThat(Router.decide(done, new Requested(asked("r2", "f")), journey.world()))
        .isEqualTo(Decision.ignore(done));
  }

  @Test
  void withoutAKeyNothingIsRemembered() {
    journey.on(new Requested(Fixtures.request("r1", "one", AnswerTo.REPLY))).succeeds();

    assertThat(journey.of(Effect.Remember.class)).isEmpty();
    assertThat(journey.of(Effect.Forget.class)).isEmpty();
  }
}
