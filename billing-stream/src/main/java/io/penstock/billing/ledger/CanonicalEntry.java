package io.penstock.billing.ledger;

import io.penstock.platform.id.Sha256;
import io.penstock.schemas.avro.LedgerEntryPosted;
import io.penstock.schemas.avro.Posting;
import io.penstock.schemas.avro.Side;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an entry that are hashed; {@code docs/ledger.md} has the table. They do not depend
 * on Avro, so that a later version of the schema does not break the chain: every value has a fixed
 * place, and a text carries its length.
 */
public final class CanonicalEntry {

  private static final String DOMAIN = "penstock-ledger-1";
  private static final int ABSENT = -1;

  private CanonicalEntry() {}

  /**
   * SHA-256 of an entry's canonical bytes, lower-case hex. Its own {@code hash} is not among them.
   */
  public static String hash(LedgerEntryPosted entry) {
    return Sha256.hex(bytes(entry));
  }

  /** SHA-256 of the postings alone, lower-case hex: whether two entries book the same. */
  public static String hash(List<LedgerPosting> postings) {
    return Sha256.hex(
        written(
            out ->
                postings(
                    out,
                    postings.stream()
                        .map(
                            posting ->
                                new Posting(
                                    posting.account(), posting.side(), posting.amountNanoUsd()))
                        .toList())));
  }

  static byte[] bytes(LedgerEntryPosted entry) {
    return written(
        out -> {
          text(out, DOMAIN);
          text(out, entry.getPreviousHash());
          out.writeLong(entry.getChainPosition());
          text(out, entry.getEntryId());
          text(out, entry.getOrganization());
          out.writeLong(entry.getSequence());
          text(out, entry.getCurrency());
          text(out, entry.getRequestId());
          text(out, entry.getUsageId());
          text(out, entry.getKind().name());
          text(out, entry.getPeriod());
          text(out, entry.getCorrects());
          text(out, entry.getCorrectsPeriod());
          out.writeLong(entry.getOccurredAt().toEpochMilli());
          out.writeLong(entry.getBookedAt().toEpochMilli());
          postings(out, entry.getPostings());
        });
  }

  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  private static byte[] written(Body body) {
    var bytes = new ByteArrayOutputStream(512);
    try (var out = new DataOutputStream(bytes)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return bytes.toByteArray();
  }

  private static void postings(DataOutputStream out, List<Posting> postings) throws IOException {
    out.writeInt(postings.size());
    for (var posting : postings) {
      text(out, posting.getAccount());
      out.writeByte(posting.getSide() == Side.DEBIT ? 'D' : 'C');
      out.writeLong(posting.getAmountNanoUsd());
    }
  }

  private static void text(DataOutputStream out, @Nullable String text) throws IOException {
    if (text == null) {
      out.writeInt(ABSENT);
      return;
    }
    var utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }
}
