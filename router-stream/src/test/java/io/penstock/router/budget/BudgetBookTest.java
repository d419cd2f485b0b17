package io.penstock.router.budget;

import static io.penstock.router.Fixtures.ACME;
import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.credit;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetCondition;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.OrganizationEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetBookTest {

  private final Accounts accounts = new Accounts();

  private static BudgetBook book(BudgetEntry... budgets) {
    return book(false, List.of(), budgets);
  }

  private static BudgetBook book(
      boolean prepaid, List<CreditGrant> credits, BudgetEntry... budgets) {
    var organization =
        OrganizationEntry.newBuilder()
            .setId(ACME)
            .setName("Acme")
            .setPrepaid(prepaid)
            .setCredits(credits)
            .build();
    return BudgetBook.of(organization, List.of(budgets), UnaryOperator.identity());
  }

  private static InferenceRequested request() {
    return Fixtures.request("r", "two", AnswerTo.REPLY);
  }

  private Verdict ask(BudgetBook book, InferenceRequested request, long amount, Instant at) {
    return book.ask(new Subject(request, "two"), new Need(new Money(amount), amount), accounts, at);
  }

  /** Asks, and holds what is borne. */
  private boolean admit(BudgetBook book, InferenceRequested request, long amount, Instant at) {
    var verdict = ask(book, request, amount, at);
    if (verdict instanceof Verdict.Borne(var hold)) {
      accounts.place(hold);
      return true;
    }
    return false;
  }

  private Hold borne(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Borne.class);
    return ((Verdict.Borne) verdict).hold();
  }

  private static BudgetEntry grouped(String id, long limit, BudgetScope... by) {
    var budget = budget(id, BudgetScope.ORGANIZATION, null, limit);
    budget.setGroupBy(List.of(by));
    return budget;
  }

  @Test
  void bud02AnEndUserWhomNobodyHasEverSeenHasABudgetOfHisOwnAtOnce() {
    var book = book(grouped("each", 10, BudgetScope.END_USER));

    for (var user : List.of("ann", "bob", "ann|bob", "ann%7Cbob", "", "ann,tag=x")) {
      var admitted = 0;
      for (int i = 0; i < 500; i++) {
        var request = request();
        request.setEndUser(user);
        admitted += admit(book, request, 1, T0) ? 1 : 0;
      }
      assertThat(admitted).as(user).isEqualTo(10);
    }
    assertThat(accounts.kept).hasSize(6);
  }

  @Test
  void bud02WhoeverNamesNoEndUserSharesOneBudgetWithAllWhoDoNot() {
    var book = book(grouped("each", 10, BudgetScope.END_USER));
    var admitted = 0;
    for (int i = 0; i < 50; i++) {
      admitted += admit(book, request(), 1, T0) ? 1 : 0;
    }

    assertThat(admitted).isEqualTo(10);
    assertThat(accounts.of("org_acme|each|end_user|lifetime").held()).isEqualTo(10);
  }

  @Test
  void aScopeWithoutANameIsABudgetForEachThatThereIs() {
    var book = book(budget("team", BudgetScope.TEAM, null, 5));
    var red = request();
    red.setTeam("red");

    assertThat(borne(ask(book, request(), 9, T0)).accounts()).isEmpty();
    assertThat(borne(ask(book, red, 5, T0)).accounts())
        .extracting(Hold.Account::name)
        .containsExactly("org_acme|team|team=red|lifetime");
    assertThat(ask(book, red, 6, T0)).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void everyCombinationOfValuesIsAnAccountAndARequestWithSeveralTagsCountsForEach() {
    var book = book(grouped("g", 100, BudgetScope.TAG, BudgetScope.MODEL));
    var request = request();
    request.setTags(List.of("a", "b", "a"));

    assertThat(borne(ask(book, request, 1, T0)).accounts())
        .extracting(Hold.Account::name)
        .containsExactly(
            "org_acme|g|tag=a,model=two|lifetime", "org_acme|g|tag=b,model=two|lifetime");
  }

  @Test
  void aBudgetCoversWhatMeetsAllItsConditions() {
    var budget = budget("c", BudgetScope.ORGANIZATION, null, 1);
    budget.setConditions(
        List.of(
            new BudgetCondition(BudgetScope.MODEL, List.of("one", "two")),
            new BudgetCondition(BudgetScope.TAG, List.of("x"))));
    var book = book(budget);
    var tagged = request();
    tagged.setTags(List.of("y", "x"));

    assertThat(borne(ask(book, request(), 5, T0)).accounts()).isEmpty();
    assertThat(ask(book, tagged, 5, T0)).isInstanceOf(Verdict.Exceeded.class);
  }

  @Test
  void eachBudgetCountsInItsOwnUnit() {
    var tokens = budget("t", BudgetScope.ORGANIZATION, null, 1_000);
    tokens.setUnit(BudgetUnit.TOKENS);
    var requests = budget("r", BudgetScope.ORGANIZATION, null, 2);
    requests.setUnit(BudgetUnit.REQUESTS);
    var book = book(tokens, requests, budget("m", BudgetScope.ORGANIZATION, null, 10_000));
    var subject = new Subject(request(), "two");
    var need = new Need(new Money(77), 150);

    var hold = borne(book.ask(subject, need, accounts, T0));

    assertThat(hold.held())
        .extracting(held -> held.getAccount() + " " + held.getAmount() + " " + held.getUnit())
        .containsExactly(
            "org_acme|m||lifetime 77 NANO_USD",
            "org_acme|r||lifetime 1 REQUESTS",
            "org_acme|t||lifetime 150 TOKENS");
    accounts.place(hold);
    accounts.settle(Settlement.charged(hold.held(), 50, Fixtures.usage(80, 20)));
    assertThat(accounts.of("org_acme|m||lifetime")).isEqualTo(new Balance(50, 0));
    assertThat(accounts.of("org_acme|r||lifetime")).isEqualTo(new Balance(1, 0));
    assertThat(accounts.of("org_acme|t||lifetime")).isEqualTo(new Balance(100, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void bud08AllLevelsHoldTogetherOrNoneAndTheWidestThatFailsIsNamed(long seed) {
    var random = new Random(seed);
    var levels =
        List.of(
            budget("d-org", BudgetScope.ORGANIZATION, null, 50 + random.nextInt(500)),
            budget("c-team", BudgetScope.TEAM, null, 50 + random.nextInt(300)),
            budget("b-key", BudgetScope.API_KEY, null, 50 + random.nextInt(200)),
            budget("a-user", BudgetScope.END_USER, null, 50 + random.nextInt(100)));
    var book = book(levels.toArray(BudgetEntry[]::new));
    var open = new ArrayList<Hold>();
    var refused = 0;
    for (int step = 0; step < 600; step++) {
      var request = request();
      request.setTeam("t" + random.nextInt(2));
      request.setApiKey(request.getTeam() + "k" + random.nextInt(2));
      request.setEndUser(request.getApiKey() + "u" + random.nextInt(2));
      var before = accounts.copy();
      switch (ask(book, request, 1 + random.nextInt(20), T0)) {
        case Verdict.Borne(var hold) -> {
          assertThat(hold.accounts()).hasSize(4);
          accounts.place(hold);
          open.add(hold);
        }
        case Verdict.Exceeded exceeded -> {
          refused++;
          assertThat(accounts.kept).isEqualTo(before.kept);
          // nothing wider fails
          for (var level : levels.subList(0, levels.indexOf(exceeded.budget()))) {
            var name = name(level, request);
            assertThat(accounts.of(name).used() + exceeded.needed())
                .isLessThanOrEqualTo(level.getLimitNanoUsd());
          }
        }
        case Verdict.OutOfCredit _ -> throw new AssertionError("nobody pays in advance");
      }
      if (!open.isEmpty() && random.nextInt(3) == 0) {
        var hold = open.remove(random.nextInt(open.size()));
        var spent = random.nextInt((int) hold.amount().nanoUsd() + 1);
        accounts.settle(Settlement.charged(hold.held(), spent, null));
      }
      parentsHoldWhatTheirChildrenHold(levels);
    }
    assertThat(refused).isPositive();
  }

  private static String name(BudgetEntry level, InferenceRequested request) {
    var group =
        switch (level.getScope()) {
          case TEAM -> "team=" + request.getTeam();
          case API_KEY -> "api_key=" + request.getApiKey();
          case END_USER -> "end_user=" + request.getEndUser();
          case ORGANIZATION, PROJECT, TAG, MODEL -> "";
        };
    return "org_acme|" + level.getId() + "|" + group + "|lifetime";
  }

  /** I3, I8 and I10 where there is no credit. */
  private void parentsHoldWhatTheirChildrenHold(List<BudgetEntry> levels) {
    var sums = new HashMap<String, Balance>();
    for (var name : accounts.kept.keySet()) {
      var balance = accounts.of(name);
      assertThat(balance.held()).isNotNegative();
      for (var level : levels) {
        if (name.contains("|" + level.getId() + "|")) {
          assertThat(balance.used()).isLessThanOrEqualTo(level.getLimitNanoUsd());
          sums.merge(
              level.getId(),
              balance,
              (left, right) ->
                  new Balance(left.posted() + right.posted(), left.held() + right.held()));
        }
      }
    }
    assertThat(new HashSet<>(sums.values())).hasSizeLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "UTC, 2026-11-21T23:59:59Z, 2026-11-22T00:00:00Z, 2026-11-21, 2026-11-22",
    "America/New_York, 2026-11-02T04:59:59Z, 2026-11-02T05:00:00Z, 2026-11-01, 2026-11-02",
    "America/New_York, 2026-03-09T03:59:59Z, 2026-03-09T04:00:00Z, 2026-03-08, 2026-03-09",
    "Australia/Lord_Howe, 2026-04-05T13:29:59Z, 2026-04-05T13:30:00Z, 2026-04-05, 2026-04-06",
    "Australia/Lord_Howe, 2026-10-04T12:59:59Z, 2026-10-04T13:00:00Z, 2026-10-04, 2026-10-05",
  })
  void bud09ADayBeginsWithTheZonesMidnightAndASettlementGoesBackToItsOwnDay(
      String zone, Instant before, Instant after, String day, String next) {
    var budget = budget("d", BudgetScope.ORGANIZATION, null, 10, BudgetWindow.DAY, true);
    budget.setTimeZone(zone);
    var book = book(budget);
    var hold = borne(ask(book, request(), 10, before));
    accounts.place(hold);

    assertThat(ask(book, request(), 1, before)).isInstanceOf(Verdict.Exceeded.class);
    assertThat(admit(book, request(), 10, after)).isTrue();
    accounts.settle(Settlement.charged(hold.held(), 7, null));

    assertThat(accounts.of("org_acme|d||" + day)).isEqualTo(new Balance(7, 0));
    assertThat(accounts.of("org_acme|d||" + next)).isEqualTo(new Balance(0, 10));
    // a clock that goes back finds the old day as it was
    assertThat(admit(book, request(), 4, before)).isFalse();
    assertThat(admit(book, request(), 3, before)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void bud09AtNoTimeIsMoreUsedThanTheLimitWithinAWindowThatRolls(long seed) {
    var random = new Random(seed);
    var window = BudgetWindow.values()[1 + random.nextInt(BudgetWindow.values().length - 1)];
    var budget = budget("roll", BudgetScope.ORGANIZATION, null, 1_000, window, true);
    budget.setRolling(true);
    var book = book(budget);
    var span = Window.span(window);
    var within = new ArrayDeque<Map.Entry<Instant, Long>>();
    var used = 0L;
    var most = 0L;
    var admitted = 0;
    var now = T0;
    for (int i = 0; i < 5_000; i++) {
      now = now.plusMillis(random.nextLong(span.toMillis() / 40));
      var amount = 1L + random.nextInt(90);
      var verdict = ask(book, request(), amount, now);
      if (verdict instanceof Verdict.Borne(var hold)) {
        accounts.place(hold);
        accounts.settle(Settlement.charged(hold.held(), amount, null));
        within.add(Map.entry(now, amount));
        used += amount;
        admitted++;
      } else if (verdict instanceof Verdict.Exceeded exceeded) {
        assertThat(exceeded.resetsAt()).isAfter(now);
      }
      while (!within.isEmpty() && !within.getFirst().getKey().isAfter(now.minus(span))) {
        used -= within.removeFirst().getValue();
      }
      most = Math.max(most, used);
      assertThat(used).isLessThanOrEqualTo(1_000);
    }
    assertThat(most).isGreaterThan(900);
    assertThat(admitted).isGreaterThan(500);
    assertThat(accounts.kept).hasSize(1);
    assertThat(accounts.kept.values().iterator().next().parts())
        .hasSizeLessThanOrEqualTo(2 * Window.PARTS + 1);
  }

  @Test
  void bud10AChangedLimitHoldsFromTheNextRequestOnAndEndsNothingThatRuns() {
    var hold =
        borne(ask(book(budget("b", BudgetScope.ORGANIZATION, null, 100)), request(), 60, T0));
    accounts.place(hold);

    var lowered = ask(book(budget("b", BudgetScope.ORGANIZATION, null, 50)), request(), 1, T0);
    assertThat(lowered).isInstanceOf(Verdict.Exceeded.class);
    assertThat(((Verdict.Exceeded) lowered).left()).isZero();
    assertThat(borne(ask(book(), request(), 1_000, T0)).accounts()).isEmpty();
    assertThat(admit(book(budget("b", BudgetScope.ORGANIZATION, null, 120)), request(), 60, T0))
        .isTrue();

    accounts.settle(Settlement.charged(hold.held(), 55, null));
    assertThat(accounts.of("org_acme|b||lifetime")).isEqualTo(new Balance(55, 60));
  }

  @Test
  void aHardBudgetMayBeOverdrawnAsFarAsItsGraceAndNoFurther() {
    var budget = budget("b", BudgetScope.ORGANIZATION, null, 100);
    budget.setGrace(10);
    var book = book(budget);

    assertThat(admit(book, request(), 110, T0)).isTrue();
    assertThat(admit(book, request(), 1, T0)).isFalse();
  }

  @Test
  void aThresholdIsToldOnceInAWindowAndAnewInTheNext() {
    var budget = budget("b", BudgetScope.ORGANIZATION, null, 100, BudgetWindow.DAY, true);
    budget.setAlertPercent(List.of(80, 50, 100));
    var book = book(budget);

    assertThat(told(book, 49, T0)).isEmpty();
    assertThat(told(book, 1, T0)).containsExactly(50);
    assertThat(told(book, 1, T0)).isEmpty();
    assertThat(told(book, 40, T0)).containsExactly(80);
    // it refuses, so it is used up
    var refused = (Verdict.Exceeded) ask(book, request(), 10, T0);
    assertThat(refused.alerts()).extracting(Alert::percent).containsExactly(100);
    accounts.markTold(refused.account());
    assertThat(((Verdict.Exceeded) ask(book, request(), 10, T0)).alerts()).isEmpty();
    assertThat(told(book, 100, T0.plus(Duration.ofDays(1)))).containsExactly(50, 80, 100);
  }

  private List<Integer> told(BudgetBook book, long amount, Instant at) {
    var hold = borne(ask(book, request(), amount, at));
    accounts.place(hold);
    return hold.alerts().stream().map(Alert::percent).toList();
  }

  @Test
  void aRollingBudgetTellsAgainWhenAWindowHasPassed() {
    var budget = budget("b", BudgetScope.ORGANIZATION, null, 100, BudgetWindow.HOUR, true);
    budget.setRolling(true);
    budget.setAlertPercent(List.of(50));
    var book = book(budget);

    assertThat(told(book, 60, T0)).containsExactly(50);
    assertThat(told(book, 30, T0.plus(Duration.ofMinutes(59)))).isEmpty();
    assertThat(told(book, 60, T0.plus(Duration.ofMinutes(62)))).containsExactly(50);
  }

  @Test
  void led12CreditIsConsumedByPriorityThenByExpiryThenById() {
    var soon = T0.plusSeconds(60);
    var book =
        book(
            true,
            List.of(
                credit("d", 10, 1, null),
                credit("c", 10, 0, null),
                credit("b", 10, 0, null),
                credit("a", 10, 0, soon.plusSeconds(9)),
                credit("z", 10, 0, soon),
                credit("gone", 10, -1, T0)));

    var hold = borne(ask(book, request(), 45, T0));

    assertThat(hold.held())
        .extracting(held -> held.getAccount() + " " + held.getAmount())
        .containsExactly(
            "org_acme|credit|z 10",
            "org_acme|credit|a 10",
            "org_acme|credit|b 10",
            "org_acme|credit|c 10",
            "org_acme|credit|d 5");
    assertThat(ask(book, request(), 51, T0)).isEqualTo(new Verdict.OutOfCredit(50, 51));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void led12WhatIsReleasedIsWhatWouldHaveBeenConsumedLast(long seed) {
    var random = new Random(seed);
    var grants = new ArrayList<CreditGrant>();
    for (int i = 0; i < 8; i++) {
      var expires = random.nextBoolean() ? null : T0.plusSeconds(random.nextInt(400));
      grants.add(credit("g" + i, 50 + random.nextInt(200), random.nextInt(3), expires));
    }
    var book = book(true, grants);
    var order = BudgetBook.inOrder(grants).stream().map(CreditGrant::getId).toList();
    var open = new ArrayList<Hold>();
    var charged = 0L;
    for (int step = 0; step < 400; step++) {
      var verdict = ask(book, request(), random.nextInt(60), T0.plusSeconds(step));
      if (verdict instanceof Verdict.Borne(var hold)) {
        accounts.place(hold);
        open.add(hold);
      }
      if (!open.isEmpty() && random.nextBoolean()) {
        var hold = open.remove(random.nextInt(open.size()));
        var charge = random.nextLong(hold.amount().nanoUsd() + 1);
        var postings = Settlement.charged(hold.held(), charge, null);
        accounts.settle(postings);
        charged += charge;

        assertThat(postings.stream().mapToLong(each -> each.getPosted()).sum()).isEqualTo(charge);
        var released = false;
        var last = -1;
        for (var posting : postings) {
          var place = order.indexOf(posting.getAccount().substring("org_acme|credit|".length()));
          assertThat(place).isGreaterThan(last);
          last = place;
          // once something is released of one, nothing is consumed of a later one
          assertThat(released && posting.getPosted() > 0).isFalse();
          released |= posting.getPosted() < posting.getHeld();
        }
      }
      for (var grant : grants) {
        var balance = accounts.of("org_acme|credit|" + grant.getId());
        assertThat(balance.held()).isNotNegative();
        assertThat(balance.used()).isLessThanOrEqualTo(grant.getAmountNanoUsd());
      }
    }
    for (var hold : open) {
      accounts.settle(Settlement.unanswered(hold.held(), List.of()));
    }
    assertThat(accounts.held()).isZero();
    assertThat(accounts.kept.keySet().stream().mapToLong(name -> accounts.of(name).posted()).sum())
        .isEqualTo(charged);
  }

  @Test
  void led12WhatExceedsAllGrantsOfAHoldOverdrawsTheLast() {
    var book = book(true, List.of(credit("a", 5, 0, null), credit("b", 5, 1, null)));
    var hold = borne(ask(book, request(), 8, T0));
    accounts.place(hold);

    accounts.settle(Settlement.charged(hold.held(), 12, null));

    assertThat(accounts.of("org_acme|credit|a")).isEqualTo(new Balance(5, 0));
    assertThat(accounts.of("org_acme|credit|b")).isEqualTo(new Balance(7, 0));
    assertThat(ask(book, request(), 1, T0)).isEqualTo(new Verdict.OutOfCredit(0, 1));
  }

  @Test
  void noTwoGroupsHaveOneAccount() {
    var random = new Random(1);
    var parts = new String[] {"a", "|", ",", "=", "%", "7C", "é", "tag", "lifetime", "@"};
    var book = book(grouped("g", Long.MAX_VALUE, BudgetScope.END_USER, BudgetScope.TEAM));
    var owners = new HashMap<String, String>();
    for (int i = 0; i < 20_000; i++) {
      var request = request();
      request.setEndUser(text(random, parts));
      request.setTeam(text(random, parts));
      var name = borne(ask(book, request, 1, T0)).accounts().getFirst().name();
      var owner = request.getEndUser().length() + request.getEndUser() + request.getTeam();
      assertThat(owners.computeIfAbsent(name, _ -> owner)).isEqualTo(owner);
      assertThat(AccountNames.kept(name)).isEqualTo(name);
      assertThat(AccountNames.isCredit(name)).isFalse();
    }
  }

  private static String text(Random random, String[] parts) {
    var text = new StringBuilder();
    for (int i = random.nextInt(5); i >= 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }
}
