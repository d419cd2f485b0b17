package io.penstock.router.route;

import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.credit;
import static io.penstock.router.Fixtures.failed;
import static io.penstock.router.Fixtures.finished;
import static io.penstock.router.Fixtures.interactive;
import static io.penstock.router.Fixtures.usage;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.RoutingTable;
import io.penstock.router.budget.Balance;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.DeadlinePassed;
import io.penstock.router.route.RequestEvent.Failed;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.DegradeRule;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.RoutePreferences;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldsTest {

  private static final long HOLD = 750_000;

  /** 80 tokens in and 20 out at the cheap price. */
  private static final long CHARGE = 80 * 150 + 20 * 600;

  private static final String ALL = "org_acme|all||lifetime";

  private final RoutingTable table =
      Fixtures.table(budget("all", BudgetScope.ORGANIZATION, null, 100 * HOLD));

  private Journey journey(RequestEvent... events) {
    var journey = new Journey(table);
    for (var event : events) {
      journey.on(event);
    }
    return journey;
  }

  private static Balance all(Journey journey) {
    return journey.accounts.of(ALL);
  }

  @Test
  void bud06HoldsWhoseWorkerNeverAnswersExpireAndLeaveNothing() {
    var thousand = Fixtures.table(budget("all", BudgetScope.ORGANIZATION, null, 1_000 * HOLD));
    var accounts = new Accounts();
    var open = new ArrayList<Journey>();
    for (int i = 0; i < 1_000; i++) {
      var journey = new Journey(thousand);
      journey.accounts = accounts;
      open.add(journey.on(new Requested(batchLine("r" + i))));
    }
    assertThat(accounts.of(ALL)).isEqualTo(new Balance(0, 1_000 * HOLD));
    assertThat(refusedBy(thousand, accounts)).isTrue();

    for (var journey : open) {
      journey.after(Fixtures.DEADLINE.plusSeconds(10)).on(new DeadlinePassed());
      journey.on(new DeadlinePassed());
    }

    assertThat(accounts.of(ALL)).isEqualTo(new Balance(0, 0));
    assertThat(refusedBy(thousand, accounts)).isFalse();
  }

  private static boolean refusedBy(RoutingTable table, Accounts accounts) {
    var journey = new Journey(table);
    journey.accounts = accounts.copy();
    return !(journey.on(new Requested(batchLine("one more"))).state instanceof InFlight);
  }

  /** What each class of failure leaves on a budget when a request ends with it. */
  @ParameterizedTest(name = "{0} with usage {1}: {2}")
  @CsvSource({
    "BAD_REQUEST, false, void",
    "AUTHENTICATION, false, void",
    "NOT_FOUND, false, void",
    "CONTEXT_TOO_LONG, false, void",
    "CONTENT_POLICY, false, void",
    "CONTENT_POLICY, true, post",
    "PROVIDER_BUDGET, false, void",
    "RATE_LIMITED, false, void",
    "OVERLOADED, false, void",
    "SERVER_ERROR, false, void",
    "CONNECT, false, void",
    "TIMEOUT, true, post",
    "CUT, true, post",
    "UNUSABLE, true, post",
    "CANCELLED, true, post",
    "CANCELLED, false, void",
    "DEADLINE, true, post",
    "UNKNOWN, true, post"
  })
  void bud11AHoldIsVoidedOnlyWhenTheProviderCertainlyDidNotBill(
      FailureKind kind, boolean billed, String outcome) {
    var accounts = new Accounts();
    var posted = 0L;
    var wide = Fixtures.table(budget("all", BudgetScope.ORGANIZATION, null, 999 * HOLD));
    for (int i = 0; i < 200; i++) {
      var journey = new Journey(wide);
      journey.accounts = accounts;
      journey.on(new Requested(Fixtures.request("r" + i, "one", AnswerTo.RESULT)));
      end(journey, kind, billed ? usage(80, 20) : null);

      assertThat(journey.state).isInstanceOf(Done.class);
      assertThat(journey.settlement().getChargeNanoUsd()).isZero();
      var balance = accounts.of(ALL);
      assertThat(balance.held()).isZero();
      // nobody can bring about an error that lowers what was posted
      assertThat(balance.posted()).isGreaterThanOrEqualTo(posted);
      assertThat(balance.posted() > posted).isEqualTo(outcome.equals("post"));
      assertThat(postings(journey, ALL)).isEqualTo(balance.posted() - posted);
      posted = balance.posted();
    }
  }

  /** Until it ends, whatever is tried again. */
  private static void end(Journey journey, FailureKind kind, @Nullable TokenUsage usage) {
    while (!(journey.state instanceof Done)) {
      if (journey.state instanceof RequestState.Waiting) {
        if (journey.of(Effect.WaitUntil.class).size() > 3) {
          journey.on(new DeadlinePassed());
          return;
        }
        journey.comesDue();
      }
      journey.on(new Failed(failed(journey.lastCall(), kind, journey.now, null, usage)));
    }
  }

  private static long postings(Journey journey, String account) {
    return journey.of(Effect.RecordUsage.class).stream()
        .flatMap(effect -> effect.usage().getPostings().stream())
        .filter(posting -> posting.getAccount().equals(account))
        .mapToLong(BudgetPosting::getPosted)
        .sum();
  }

  @Test
  void bud11WhoCancelsACallThatRunsPaysTheBudgetForWhatItProduced() {
    var journey = journey(new Requested(batchLine("r1")));
    var call = journey.lastCall();
    journey.on(new Cancelled(Fixtures.cancel("r1")));
    assertThat(all(journey)).isEqualTo(new Balance(0, 0));

    var stopped = new Failed(failed(call, FailureKind.CANCELLED, T0, null, usage(80, 20)));
    journey.on(stopped).on(stopped);

    assertThat(all(journey)).isEqualTo(new Balance(CHARGE, 0));
    assertThat(journey.last(Effect.RecordUsage.class).usage().getFlags())
        .containsExactly("late_settlement");
  }

  @Test
  void bud12AnAnswerAfterTheExpiryIsPostedOnceAndTold() {
    var journey = journey(new Requested(batchLine("r1")));
    var call = journey.lastCall();
    journey.on(new DeadlinePassed());
    var answer = new Finished(finished(call, T0));

    journey.on(answer).on(answer);

    assertThat(all(journey)).isEqualTo(new Balance(CHARGE, 0));
    var late = journey.last(Effect.RecordUsage.class).usage();
    assertThat(late.getKind()).isEqualTo(UsageKind.LATE_COST);
    assertThat(late.getChargeNanoUsd()).isZero();
    assertThat(late.getFlags()).containsExactly("late_settlement");
    assertThat(late.getPostings())
        .containsExactly(new BudgetPosting(ALL, BudgetUnit.NANO_USD, 0L, CHARGE));
    assertThat(journey.only(Effect.Audit.class).record().getAction()).isEqualTo("settlement.late");
  }

  @Test
  void bud12AChargeAboveItsHoldIsPostedInFullAndTheNextRequestMeetsIt() {
    var journey =
        new Journey(Fixtures.table(budget("all", BudgetScope.ORGANIZATION, null, HOLD + 1)));
    journey.on(new Requested(batchLine("r1")));
    var outcome = finished(journey.lastCall(), T0);
    outcome.setUsage(usage(100, 5_000));

    journey.on(new Finished(outcome));

    var settled = journey.settlement();
    assertThat(settled.getOverageNanoUsd()).isPositive();
    assertThat(settled.getFlags()).contains("overage");
    assertThat(all(journey)).isEqualTo(new Balance(settled.getChargeNanoUsd(), 0));
    assertThat(journey.only(Effect.Audit.class).record().getAction()).isEqualTo("budget.overage");
  }

  /** Post, void and expire of one hold, in each order. */
  @ParameterizedTest
  @CsvSource({
    "post, void, expire",
    "post, expire, void",
    "void, post, expire",
    "void, expire, post",
    "expire, post, void",
    "expire, void, post"
  })
  void led04AHoldIsResolvedOnceByWhateverComesFirst(String first, String second, String third) {
    var journey = journey(new Requested(batchLine("r1")));
    var events =
        Map.of(
            "post", new Finished(finished(journey.lastCall(), T0)),
            "void", new Cancelled(Fixtures.cancel("r1")),
            "expire", (RequestEvent) new DeadlinePassed());

    for (var name : List.of(first, second, third)) {
      journey.on(requireNonNull(events.get(name)));
    }

    var settlements =
        journey.of(Effect.RecordUsage.class).stream()
            .map(Effect.RecordUsage::usage)
            .filter(usage -> usage.getKind() == UsageKind.SETTLEMENT)
            .toList();
    assertThat(settlements).hasSize(1);
    assertThat(settlements.getFirst().getErrorCode())
        .isEqualTo(
            switch (first) {
              case "post" -> null;
              case "void" -> "batch_cancelled";
              default -> "batch_expired";
            });
    // what was held is released once; what the provider billed is posted once, in time or late
    assertThat(all(journey)).isEqualTo(new Balance(CHARGE, 0));
    assertThat(postings(journey, ALL)).isEqualTo(CHARGE);
    var late = first.equals("post") ? 0 : 1;
    assertThat(journey.of(Effect.RecordUsage.class)).hasSize(1 + late);
  }

  @Test
  void led03bARefusalIsRepeatedForItsKeyAfterATopUpAndANewKeyIsServed() {
    var journey = new Journey(Fixtures.prepaid(List.of(credit("a", HOLD - 1, 0, null))));
    var first = keyed("r1", "key-1");
    journey.on(new Requested(first));
    var refused = journey.reply();
    assertThat(refused.getHttpStatus()).isEqualTo(402);

    var again = new Journey(Fixtures.prepaid(List.of(credit("a", 99 * HOLD, 0, null))));
    again.refusals.putAll(journey.refusals);
    again.on(new Requested(keyed("r2", "key-1")));
    assertThat(Fixtures.text(again.reply().getBody()).replace("r2", "r1"))
        .isEqualTo(Fixtures.text(refused.getBody()));
    assertThat(again.held()).isZero();

    var fresh = new Journey(again.table);
    fresh.refusals.putAll(journey.refusals);
    fresh.on(new Requested(keyed("r3", "key-2")));
    assertThat(fresh.state).isInstanceOf(InFlight.class);
    assertThat(fresh.held()).isEqualTo(HOLD);
  }

  private static InferenceRequested keyed(String id, String key) {
    var request = interactive(id);
    request.setIdempotencyKey(key);
    return request;
  }

  @Test
  void refusalsForOtherReasonsThanMoneyAreNotRemembered() {
    var journey = new Journey(table);
    var request = Fixtures.request("r1", "nope", AnswerTo.REPLY);
    request.setIdempotencyKey("key-1");

    journey.on(new Requested(request));

    assertThat(journey.of(Effect.RememberRefusal.class)).isEmpty();
  }

  @Test
  void bud13ABatchOfTenThousandLinesRunsAsFarAsItsBudgetGoes() {
    var affordable = 4_000;
    var batch = Fixtures.table(budget("all", BudgetScope.ORGANIZATION, null, affordable * HOLD));
    var accounts = new Accounts();
    var open = new ArrayList<Journey>();
    var refused = 0;
    for (int i = 0; i < 10_000; i++) {
      var journey = new Journey(batch);
      journey.accounts = accounts;
      journey.on(new Requested(batchLine("r" + i)));
      if (journey.state instanceof InFlight) {
        open.add(journey);
      } else {
        refused++;
        assertThat(journey.result().getErrorCode()).isEqualTo("budget_exceeded");
      }
    }
    assertThat(open).hasSize(affordable);
    assertThat(refused).isEqualTo(6_000);

    var charged = 0L;
    for (var journey : open) {
      journey.succeeds();
      charged += journey.result().getChargeNanoUsd();
    }

    assertThat(accounts.of(ALL)).isEqualTo(new Balance(charged, 0));
  }

  @Test
  void thePostingsOfAPrepaidRequestAddUpToItsCharge() {
    var grants = List.of(credit("a", 20_000, 0, null), credit("b", 99 * HOLD, 1, null));
    var journey =
        new Journey(
            Fixtures.prepaid(grants, budget("all", BudgetScope.ORGANIZATION, null, 9 * HOLD)));

    journey.on(new Requested(batchLine("r1"))).succeeds();

    assertThat(journey.settlement().getPostings())
        .containsExactly(
            new BudgetPosting(ALL, BudgetUnit.NANO_USD, HOLD, CHARGE),
            new BudgetPosting("org_acme|credit|a", BudgetUnit.NANO_USD, 20_000L, 20_000L),
            new BudgetPosting(
                "org_acme|credit|b", BudgetUnit.NANO_USD, HOLD - 20_000, CHARGE - 20_000));
    assertThat(journey.held()).isZero();
  }

  private static BudgetEntry degrading(long limit, int fromPercent) {
    var budget = budget("all", BudgetScope.ORGANIZATION, null, limit);
    budget.setDegrade(
        List.of(
            DegradeRule.newBuilder()
                .setFromPercent(fromPercent)
                .setModel("one")
                .setOnly(List.of("two"))
                .build()));
    return budget;
  }

  @Test
  void aBudgetThatRunsLowServesACheaperModelAndSaysSo() {
    var journey = new Journey(Fixtures.table(degrading(4 * HOLD, 50)));
    journey.on(new Requested(batchLine("r1")));
    assertThat(journey.held()).isEqualTo(HOLD);
    journey.state = new RequestState.Unknown();
    journey.on(new Requested(batchLine("r2")));
    journey.state = new RequestState.Unknown();

    journey.on(new Requested(batchLine("r3")));

    // the dear target of `two` is none of `one`, so less is held
    assertThat(journey.held()).isEqualTo(2 * HOLD + 100 * 150 + 50 * 600);
    var ticket = ((InFlight) journey.state).ticket();
    assertThat(ticket.getModel()).isEqualTo("two");
    assertThat(ticket.getExplanation()).isNotNull();
    assertThat(ticket.getExplanation().getModel()).isEqualTo("one");
    assertThat(ticket.getExplanation().getConsidered())
        .anySatisfy(
            each ->
                assertThat(each.getReason())
                    .isEqualTo("the budget 'all' is used to 50 % or more, 'one' takes its place"));
  }

  @Test
  void aBudgetServesACheaperModelBeforeItRefuses() {
    var journey = new Journey(Fixtures.table(degrading(HOLD - 1, 90)));

    journey.on(new Requested(batchLine("r1")));

    assertThat(journey.state).isInstanceOf(InFlight.class);
    assertThat(journey.pools()).containsExactly("alpha");
  }

  @Test
  void theUsageRecordNamesTheModelAskedForAndTheOneThatServed() {
    var journey = new Journey(Fixtures.table(degrading(HOLD - 1, 90)));

    journey.on(new Requested(batchLine("r1"))).succeeds();

    assertThat(journey.settlement().getModel()).isEqualTo("two");
    assertThat(journey.settlement().getServedModel()).isEqualTo("one");
  }

  @Test
  void theUsageRecordOfAFailedRequestNamesTheModelThatWasCalledLast() {
    var preferences = RoutePreferences.newBuilder().setModels(List.of("two")).build();
    var request = Fixtures.request("r1", "one", AnswerTo.RESULT);
    request.setPreferences(preferences);
    var journey = Journey.of(request).fails(FailureKind.SERVER_ERROR);
    assertThat(journey.lastCall().getPool()).isEqualTo("beta");

    journey.fails(FailureKind.BAD_REQUEST);

    assertThat(journey.settlement().getSucceeded()).isFalse();
    assertThat(journey.settlement().getServedModel()).isEqualTo("two");
  }

  @Test
  void aKeyThatMayNotUseTheCheaperModelIsRefused() {
    var journey = new Journey(Fixtures.table(degrading(HOLD - 1, 0)));
    var catalog = journey.table.catalog();
    requireNonNull(catalog.key(Fixtures.KEY)).setModels(List.of("two"));

    journey.on(new Requested(batchLine("r1")));

    assertThat(journey.result().getErrorCode()).isEqualTo("budget_exceeded");
  }

  @Test
  void aThresholdIsToldOnAuditWithAllThatIsToBeKnown() {
    var budget = budget("all", BudgetScope.ORGANIZATION, null, HOLD);
    budget.setAlertPercent(List.of(100));
    var journey = new Journey(Fixtures.table(budget));

    journey.on(new Requested(batchLine("r1")));

    var record = journey.only(Effect.Audit.class).record();
    assertThat(record.getAction()).isEqualTo("budget.threshold");
    assertThat(record.getSubject()).isEqualTo("all");
    assertThat(record.getDetails())
        .containsEntry("budget", "all")
        .containsEntry("scope", "organization")
        .containsEntry("group", "")
        .containsEntry("percent", "100")
        .containsEntry("limit", "0.00075")
        .containsEntry("used", "0.00075")
        .containsEntry("unit", "usd")
        .containsEntry("window", "lifetime");
  }

  @Test
  void aRefusalSaysAllOfABudgetThatHasGroups() {
    var budget = budget("each", BudgetScope.ORGANIZATION, null, 160);
    budget.setUnit(BudgetUnit.TOKENS);
    budget.setGroupBy(List.of(BudgetScope.END_USER));
    var journey = new Journey(Fixtures.table(budget));
    journey.on(new Requested(Fixtures.batchLine("r1")));
    journey.state = new RequestState.Unknown();

    journey.on(new Requested(interactive("r2")));

    assertThat(Fixtures.text(journey.reply().getBody()))
        .contains("\"budget\":\"each\"")
        .contains("\"group\":\"end_user\"")
        .contains("\"held\":\"150\"")
        .contains("\"left\":\"10\"")
        .contains("\"limit\":\"160\"")
        .contains("\"needed\":\"150\"")
        .contains("\"spent\":\"0\"")
        .contains("\"unit\":\"tokens\"");
  }

  @Test
  void whatAFailedRequestUsedIsPostedUpToItsHold() {
    var journey = journey(new Requested(batchLine("r1")));
    var huge = usage(9_000_000, 9_000_000);
    end(journey, FailureKind.TIMEOUT, huge);

    assertThat(all(journey)).isEqualTo(new Balance(HOLD, 0));
    assertThat(journey.after(Duration.ofHours(1)).held()).isZero();
  }
}
