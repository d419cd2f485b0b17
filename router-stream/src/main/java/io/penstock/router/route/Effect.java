package io.penstock.router.route;

import io.penstock.router.admit.Refusal;
import io.penstock.router.budget.Hold;
import io.penstock.router.pace.Pace.Turn;
import io.penstock.router.pace.Taking;
import io.penstock.schemas.avro.AuditRecorded;
import io.penstock.schemas.avro.BudgetPosting;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallCancelled;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.RequestFinished;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;
import java.util.List;

/** What a decision asks the shell to do. */
public sealed interface Effect {

  /** Make this call now. */
  record Call(CallAssigned call) implements Effect {}

  /** Make this call when its time has come. */
  record WaitUntil(Instant due, CallAssigned call) implements Effect {}

  /** Tell the workers that nobody wants the calls of a request any more. */
  record CancelCall(CallCancelled cancel) implements Effect {}

  /** Write the one terminal record. */
  record Finish(RequestFinished result) implements Effect {}

  /**
   * Answer a waiting caller: with an error, or with what was answered before; workers answer with
   * success.
   */
  record Reply(ReplyAddress address, ReplyFinished reply) implements Effect {}

  /** Record usage. */
  record RecordUsage(UsageRecorded usage) implements Effect {}

  /** Reserve on all accounts. */
  record PlaceHold(Hold hold) implements Effect {}

  /** Release what was reserved and post what was used. */
  record SettleHold(List<BudgetPosting> postings) implements Effect {

    public SettleHold {
      postings = List.copyOf(postings);
    }
  }

  /** Take from limits on the pace of requests. */
  record TakePace(Taking taking) implements Effect {}

  /**
   * Give back to limits what ended with a request.
   *
   * @param accounts from which it had taken
   * @param tokens of what it might have used, what it has not used; negative for more than that
   * @param queued input tokens of a batch line
   */
  record GiveBackPace(List<String> accounts, long tokens, long queued) implements Effect {

    public GiveBackPace {
      accounts = List.copyOf(accounts);
    }
  }

  /** Remember who is first in line for room under limits. */
  record StandInLine(Turn.Later turn) implements Effect {}

  /**
   * Remember of an account that a threshold was told of, without holding anything.
   *
   * @param account of which nothing but {@code told} is kept
   */
  record MarkTold(Hold.Account account) implements Effect {}

  /**
   * Refuse again what comes under the same idempotency key.
   *
   * @param until for so long
   */
  record RememberRefusal(String organization, String idempotencyKey, Refusal refusal, Instant until)
      implements Effect {}

  /** Count a refusal, for the operator. */
  record CountRefusal(Refusal refusal) implements Effect {}

  /**
   * Remember what was asked for under an idempotency key.
   *
   * @param since from when on the time counts for which it is remembered
   */
  record Remember(String organization, String idempotencyKey, Remembered remembered, Instant since)
      implements Effect {}

  /** An idempotency key is free again. */
  record Forget(String organization, String idempotencyKey) implements Effect {}

  /** Tell whoever listens to what happens to an organisation. */
  record Audit(AuditRecorded record) implements Effect {}

  /** The same of what repeats with every request: once an hour for each subject is enough. */
  record AuditSeldom(AuditRecorded record) implements Effect {}

  /** Tell the operator. */
  record Flag(Kind kind, String requestId) implements Effect {

    /** What is worth telling. */
    public enum Kind {
      /** The provider did not say how many tokens there were. */
      ESTIMATED,
      /** A token class had no price and was priced as the dearest. */
      PRICE_GUESSED,
      /** A request was charged nothing, because nobody knows the price of its target. */
      PRICE_UNKNOWN,
      /** A provider's counts could not be true, and an estimate took their place. */
      USAGE_QUARANTINED,
      /** A charge was above its hold. */
      OVERAGE,
      /** What a call used was posted after its hold had been released. */
      LATE_SETTLEMENT,
      /** A hold was released although a call may have been billed. */
      AMBIGUOUS_RELEASE,
      /** An answer came after its request had ended. */
      LATE_ANSWER
    }
  }
}
