package io.penstock.router.route;

import static io.penstock.router.Fixtures.batchLine;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.finished;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Accounts;
import io.penstock.router.Fixtures;
import io.penstock.router.budget.Balance;
import io.penstock.router.route.RequestEvent.Cancelled;
import io.penstock.router.route.RequestEvent.Finished;
import io.penstock.router.route.RequestEvent.Requested;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.schemas.avro.BudgetScope;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetLawsTest {

  private static final long HOLD = 750_000;
  private static final String PARENT = "org_acme|parent||lifetime";
  private static final String CHILD = "org_acme|child||lifetime";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aBudgetForTenAdmitsTenOfAnyNumberAndNothingIsHeldAtTheEnd(long seed) {
    var random = new Random(seed);
    var table =
        Fixtures.table(
            budget("parent", BudgetScope.ORGANIZATION, null, 10 * HOLD),
            budget("child", BudgetScope.API_KEY, Fixtures.KEY, 10 * HOLD + random.nextInt(5)));
    var accounts = new Accounts();
    var admitted = new ArrayList<Journey>();
    var requests = 11 + random.nextInt(200);
    for (int i = 0; i < requests; i++) {
      var journey = new Journey(table);
      journey.accounts = accounts;
      journey.on(new Requested(batchLine("r" + i)));
      if (journey.state instanceof InFlight) {
        admitted.add(journey);
      }
      assertThat(accounts.of(PARENT).used()).isLessThanOrEqualTo(10 * HOLD);
      assertThat(accounts.of(CHILD)).isEqualTo(accounts.of(PARENT));
    }
    assertThat(admitted).hasSize(10);

    var spent = 0L;
    for (var journey : admitted) {
      journey.accounts = accounts;
      if (random.nextBoolean()) {
        var outcome = new Finished(finished(journey.lastCall(), Fixtures.T0));
        journey.on(outcome).on(outcome);
        spent += journey.settlement().getChargeNanoUsd();
      } else {
        var cancel = new Cancelled(Fixtures.cancel("any"));
        journey.on(cancel).on(cancel);
      }
    }

    assertThat(accounts.of(PARENT)).isEqualTo(new Balance(spent, 0));
    assertThat(accounts.of(CHILD)).isEqualTo(new Balance(spent, 0));
  }
}
