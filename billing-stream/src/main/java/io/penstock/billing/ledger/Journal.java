package io.penstock.billing.ledger;

import io.penstock.schemas.avro.LedgerEntryKind;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Posting;
import io.penstock.schemas.avro.UsageKind;
import io.penstock.schemas.avro.UsageRecorded;
import java.time.Instant;

/** Chains entries of a partition to one another: pure. */
public final class Journal {

  /**
   * An entry in its place.
   *
   * @param entry as it is published
   * @param head the chain after it
   */
  public record Appended(LedgerEntryPosted entry, ChainHead head) {}

  private Journal() {}

  /**
   * Chains an entry to the end of a partition's chain.
   *
   * @param usage that the entry books
   * @param head the chain before it, at the present time of the partition
   * @param sequence that the books of its organisation gave it
   * @param bookedAt when it is booked
   */
  public static Appended append(
      LedgerEntry entry,
      UsageRecorded usage,
      ChainHead head,
      BillingPeriods periods,
      long sequence,
      Instant bookedAt) {
    var place = periods.place(entry.occurredAt(), head.clock());
    var correction = usage.getKind() == UsageKind.CORRECTION || place.missed() != null;
    var corrects =
        usage.getKind() == UsageKind.CORRECTION
            ? usage.getCorrectsPeriod()
            : place.missed() == null ? null : place.missed().toString();
    var posted =
        LedgerEntryPosted.newBuilder()
            .setEntryId(entry.entryId())
            .setOrganization(entry.organization())
            .setSequence(sequence)
            .setCurrency(Ledger.CURRENCY)
            .setRequestId(entry.requestId())
            .setUsageId(entry.usageId())
            .setPostings(
                entry.postings().stream()
                    .map(
                        posting ->
                            new Posting(posting.account(), posting.side(), posting.amountNanoUsd()))
                    .toList())
            .setOccurredAt(entry.occurredAt())
            .setBookedAt(bookedAt)
            .setKind(correction ? LedgerEntryKind.CORRECTION : LedgerEntryKind.USAGE)
            .setPeriod(place.period().toString())
            .setCorrects(usage.getCorrects())
            .setCorrectsPeriod(corrects)
            .setChainPosition(head.position() + 1)
            .setPreviousHash(head.hash())
            .build();
    var hash = CanonicalEntry.hash(posted);
    posted.setHash(hash);
    return new Appended(posted, head.next(hash));
  }
}
