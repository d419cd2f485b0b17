package io.penstock.router.admit;

import static io.penstock.router.Fixtures.T0;
import static io.penstock.router.Fixtures.budget;
import static io.penstock.router.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.platform.money.Money;
import io.penstock.router.Fixtures;
import io.penstock.router.admit.Admission.Admitted;
import io.penstock.router.admit.Admission.Refused;
import io.penstock.router.budget.Balance;
import io.penstock.router.budget.Hold;
import io.penstock.router.pace.Levels;
import io.penstock.router.select.PoolHealth;
import io.penstock.schemas.ErrorCode;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.Surface;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdmissionTest {

  private static Admission admit(InferenceRequested request, BudgetEntry... budgets) {
    return Admission.admit(
        request, Fixtures.table(budgets), PoolHealth.ALL_UP, _ -> Balance.ZERO, Levels.NONE, T0);
  }

  private static Refusal refusal(Admission admission) {
    assertThat(admission).isInstanceOf(Refused.class);
    return ((Refused) admission).refusal();
  }

  private static Admitted admitted(Admission admission) {
    assertThat(admission).isInstanceOf(Admitted.class);
    return (Admitted) admission;
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "key_off", "key_old", "key_gone"})
  void aKeyThatMayNotBeUsedIsRefused(String key) {
    var refusal = refusal(admit(request("r", "two", AnswerTo.REPLY, key)));

    assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_API_KEY);
  }

  @Test
  void aKeyOfAnotherOrganisationIsRefused() {
    var request = request("r", "two", AnswerTo.REPLY);
    request.setOrganization("org_other");

    assertThat(refusal(admit(request)).code()).isEqualTo(ErrorCode.INVALID_API_KEY);
  }

  @Test
  void aModelThatNobodyKnowsOrServesIsRefused() {
    assertThat(refusal(admit(request("r", "nope", AnswerTo.REPLY))).code())
        .isEqualTo(ErrorCode.MODEL_NOT_FOUND);
    assertThat(refusal(admit(request("r", "empty", AnswerTo.REPLY))).code())
        .isEqualTo(ErrorCode.MODEL_NOT_FOUND);
  }

  @Test
  void aModelOutsideTheScopeOfTheKeyIsRefusedAndOneInsideIsNotUnderAnyOfItsNames() {
    assertThat(refusal(admit(request("r", "two", AnswerTo.REPLY, "key_one"))).code())
        .isEqualTo(ErrorCode.PERMISSION_DENIED);
    admitted(admit(request("r", "one", AnswerTo.REPLY, "key_one")));
    admitted(admit(request("r", "one-alias", AnswerTo.REPLY, "key_one")));
  }

  @Test
  void anUnknownPriceIsRefusedAndNeverFree() {
    assertThat(refusal(admit(request("r", "unpriced", AnswerTo.REPLY))).code())
        .isEqualTo(ErrorCode.PRICE_UNKNOWN);
    assertThat(admitted(admit(request("r", "half-priced", AnswerTo.REPLY))).selected().targets())
        .extracting(target -> target.pinned().getPool())
        .containsExactly("beta");
  }

  @Test
  void targetsOfPoolsThatCannotBeCalledAreLeftOut() {
    var table = new RoutingTable(Fixtures.catalog(), pool -> pool.equals("beta"));

    var admission =
        Admission.admit(
            request("r", "two", AnswerTo.REPLY),
            table,
            PoolHealth.ALL_UP,
            _ -> Balance.ZERO,
            Levels.NONE,
            T0);

    assertThat(admitted(admission).selected().targets()).hasSize(1);
  }

  @Test
  void theHoldBoundsWhatTheDearestTargetCanCost() {
    var request = request("r", "two", AnswerTo.REPLY);
    request.getFacts().setChoices(3);

    var hold = admitted(admit(request)).hold();

    assertThat(hold.amount()).isEqualTo(new Money(100 * 2_500 + 3 * 50 * 10_000));
  }

  @Test
  void embeddingsHaveNoOutputToHoldFor() {
    var request = request("r", "two", AnswerTo.REPLY);
    request.setSurface(Surface.OPENAI_EMBEDDINGS);
    request.getFacts().setOutputTokensMax(null);

    assertThat(admitted(admit(request)).hold().amount()).isEqualTo(new Money(250_000));
  }

  @Test
  void boundsBeyondAllMoneyAreRefused() {
    var request = request("r", "two", AnswerTo.REPLY);
    request.getFacts().setOutputTokensMax(Long.MAX_VALUE);

    assertThat(refusal(admit(request)).code()).isEqualTo(ErrorCode.INVALID_REQUEST);
  }

  @Test
  void aBudgetThatIsTooSmallIsNamedWithWhatIsLeftAndWhenItStartsAnew() {
    var refusal =
        refusal(
            admit(
                request("r", "two", AnswerTo.REPLY),
                budget("team", BudgetScope.ORGANIZATION, null, 1_000_000_000L),
                budget(
                    "mine", BudgetScope.API_KEY, Fixtures.KEY, 500_000, BudgetWindow.DAY, true)));

    assertThat(refusal.code()).isEqualTo(ErrorCode.BUDGET_EXCEEDED);
    assertThat(refusal.message())
        .isEqualTo(
            "The budget 'mine' (api_key) of 0.0005 USD has 0.0005 USD left, and up to 0.00075 USD"
                + " are needed; it starts anew at 2026-11-22T00:00:00Z.");
    assertThat(refusal.details())
        .containsEntry("budget", "mine")
        .containsEntry("limit_usd", "0.0005")
        .containsEntry("left_usd", "0.0005")
        .containsEntry("needed_usd", "0.00075")
        .containsEntry("resets_at", "2026-11-22T00:00:00Z");
  }

  @Test
  void theWidestBudgetThatFailsIsTheOneNamed() {
    var refusal =
        refusal(
            admit(
                request("r", "two", AnswerTo.REPLY),
                budget("a-key", BudgetScope.API_KEY, Fixtures.KEY, 1),
                budget("z-all", BudgetScope.ORGANIZATION, null, 1)));

    assertThat(refusal.details()).containsEntry("budget", "z-all");
  }

  @Test
  void aSoftBudgetNeverRefusesAndIsHeldAllTheSame() {
    var hold =
        admitted(
                admit(
                    request("r", "two", AnswerTo.REPLY),
                    budget("soft", BudgetScope.ORGANIZATION, null, 1, BudgetWindow.MONTH, false)))
            .hold();

    assertThat(hold.accounts())
        .extracting(Hold.Account::name)
        .containsExactly("org_acme|soft||2026-11");
  }

  @Test
  void budgetsOfOthersDoNotApply() {
    var hold =
        admitted(
                admit(
                    request("r", "two", AnswerTo.REPLY),
                    budget("other-key", BudgetScope.API_KEY, "key_2", 1),
                    budget("team", BudgetScope.TEAM, "red", 1),
                    budget("tag", BudgetScope.TAG, "x", 1)))
            .hold();

    assertThat(hold.accounts()).isEmpty();
  }
}
