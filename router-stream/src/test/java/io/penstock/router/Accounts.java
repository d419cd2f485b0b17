package io.penstock.router;

import io.penstock.router.budget.Account;
import io.penstock.router.budget.AccountNames;
import io.penstock.router.budget.Balance;
import io.penstock.router.budget.Balances;
import io.penstock.router.budget.Hold;
import io.penstock.schemas.avro.BudgetPosting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Accounts in memory. */
public final class Accounts implements Balances {

  /** By the name under which each is kept. */
  public final Map<String, Account> kept = new HashMap<>();

  public Accounts copy() {
    var copy = new Accounts();
    copy.kept.putAll(kept);
    return copy;
  }

  @Override
  public Balance of(String name) {
    return kept.getOrDefault(AccountNames.kept(name), Account.NEW)
        .balance(AccountNames.part(name), AccountNames.span(name));
  }

  public void place(Hold hold) {
    for (var held : hold.accounts()) {
      kept.put(
          AccountNames.kept(held.name()),
          kept.getOrDefault(AccountNames.kept(held.name()), Account.NEW).hold(held));
    }
  }

  public void markTold(Hold.Account account) {
    kept.merge(
        AccountNames.kept(account.name()),
        Account.NEW.told(account.told(), AccountNames.part(account.name()), account.endsAt()),
        (old, _) -> old.told(account.told(), AccountNames.part(account.name()), account.endsAt()));
  }

  public void settle(List<BudgetPosting> postings) {
    for (var posting : postings) {
      kept.computeIfPresent(
          AccountNames.kept(posting.getAccount()),
          (_, old) -> old.settle(posting.getAccount(), posting.getHeld(), posting.getPosted()));
    }
  }

  /** Sum of all parts of an account, whatever their time. */
  public Balance whole(String kept) {
    var posted = 0L;
    var held = 0L;
    for (var part : this.kept.getOrDefault(kept, Account.NEW).parts()) {
      posted += part.posted();
      held += part.held();
    }
    return new Balance(posted, held);
  }

  /** All that is held anywhere. */
  public long held() {
    return kept.keySet().stream().mapToLong(name -> whole(name).held()).sum();
  }
}
