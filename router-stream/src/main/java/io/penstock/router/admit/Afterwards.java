package io.penstock.router.admit;

import io.penstock.platform.money.Money;
import io.penstock.router.budget.Balance;
import io.penstock.router.budget.Need;
import io.penstock.router.budget.Subject;
import io.penstock.router.budget.Verdict;
import io.penstock.router.price.CustomerPrice;
import io.penstock.router.select.PricedTarget;
import io.penstock.schemas.avro.HeldOn;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.PinnedRule;
import io.penstock.schemas.avro.PinnedTarget;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What an admission would have pinned, for a request that was not admitted but, as it turns out,
 * answered: an earlier life of the router had admitted it, and died before that was written.
 *
 * @param targets of the model, at the prices of the time when the request was accepted
 * @param rule that the customer's price follows; absent where none applies
 * @param accounts of all that covers the request, with nothing held on them
 */
public record Afterwards(
    List<PinnedTarget> targets, @Nullable PinnedRule rule, List<HeldOn> accounts) {

  private static final Need NOTHING = new Need(Money.ZERO, 0);
  private static final Afterwards UNKNOWN = new Afterwards(List.of(), null, List.of());

  public Afterwards {
    targets = List.copyOf(targets);
    accounts = List.copyOf(accounts);
  }

  /** Looks it up in the catalogue as it is now; nothing when the model has gone since. */
  public static Afterwards of(InferenceRequested request, RoutingTable table) {
    var route = table.route(request.getModel());
    if (route == null) {
      return UNKNOWN;
    }
    var at = request.getAcceptedAt();
    return new Afterwards(
        route.targets().stream()
            .map(target -> target.at(at))
            .filter(Objects::nonNull)
            .map(PricedTarget::pinned)
            .toList(),
        table.customerPrice(request, route, at) instanceof CustomerPrice.Ruled ruled
            ? ruled.rule()
            : null,
        accounts(new Subject(request, route.name()), table));
  }

  private static List<HeldOn> accounts(Subject subject, RoutingTable table) {
    var request = subject.request();
    var verdict =
        table
            .budgets(request.getOrganization())
            .ask(subject, NOTHING, _ -> Balance.ZERO, request.getAcceptedAt());
    return verdict instanceof Verdict.Borne(var hold)
        ? hold.held().stream()
            .map(held -> new HeldOn(held.getAccount(), 0L, held.getUnit()))
            .toList()
        : List.of();
  }
}
