package io.penstock.billing.ledger;

import io.penstock.schemas.avro.BudgetUnit;
import io.penstock.schemas.avro.UsageRecorded;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which grants of credit paid for a usage record, as its postings say. */
public final class Credits {

  private static final int PARTS = 3;
  private static final String CREDIT = "credit";
  private static final Pattern ESCAPED = Pattern.compile("%([0-9A-F]{2})");
  private static final int HEXADECIMAL = 16;

  private Credits() {}

  /**
   * Nano-USD by the id of the grant; grants that paid nothing are left out.
   *
   * @throws LedgerViolation when a grant is said to have paid less than nothing, or not in money
   * @throws ArithmeticException when a sum does not fit
   */
  public static SortedMap<String, Long> of(UsageRecorded usage) {
    var paid = new TreeMap<String, Long>();
    for (var posting : usage.getPostings()) {
      var grant = grant(usage.getOrganization(), posting.getAccount());
      if (grant == null || posting.getPosted() == 0) {
        continue;
      }
      if (posting.getUnit() != BudgetUnit.NANO_USD || posting.getPosted() < 0) {
        throw new LedgerViolation(
            "usage " + usage.getUsageId() + " takes no money from the credit " + grant);
      }
      paid.merge(grant, posting.getPosted(), Math::addExact);
    }
    return paid;
  }

  /**
   * The grant of {@code organisation|credit|grant}; null for an account of a budget, which has four
   * parts. Percent and two hexadecimal digits stand for a character that could be taken for a
   * separator.
   */
  private static @Nullable String grant(String organization, String account) {
    var parts = account.split("\\|", -1);
    return parts.length == PARTS
            && unescaped(parts[0]).equals(organization)
            && parts[1].equals(CREDIT)
        ? unescaped(parts[2])
        : null;
  }

  private static String unescaped(String text) {
    return text.indexOf('%') < 0
        ? text
        : ESCAPED
            .matcher(text)
            .replaceAll(
                match ->
                    Matcher.quoteReplacement(
                        String.valueOf((char) Integer.parseInt(match.group(1), HEXADECIMAL))));
  }
}
