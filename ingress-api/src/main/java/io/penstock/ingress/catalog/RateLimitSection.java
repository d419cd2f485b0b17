package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.RateLimit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code rate-limits} of an organisation. */
final class RateLimitSection {

  private RateLimitSection() {}

  static List<RateLimit> read(Section organization) {
    var limits = new ArrayList<RateLimit>();
    var ids = new HashSet<String>();
    for (var section : organization.sections("rate-limits")) {
      var limit = limit(section);
      if (!ids.add(limit.getId()) && !limit.getId().isEmpty()) {
        section.error("id", "there is another rate limit of this id: " + limit.getId());
      }
      limits.add(limit);
    }
    return limits;
  }

  private static RateLimit limit(Section section) {
    var scope = section.choice("scope", BudgetScope.class, BudgetScope.ORGANIZATION);
    var scopeName = section.textOrNull("scope-name");
    if (scope == BudgetScope.ORGANIZATION && scopeName != null) {
      section.error("scope-name", "has no meaning for the organisation itself");
    }
    var model = section.textOrNull("model");
    if (model != null) {
      Names.model(section, "model", model);
    }
    if (model != null && scope == BudgetScope.MODEL) {
      section.error("model", "say it in scope-name for this scope");
    }
    var requests = amount(section, "rpm");
    var tokens = amount(section, "tpm");
    var concurrency = amount(section, "concurrency");
    var queued = amount(section, "queued-tokens");
    if (requests == null && tokens == null && concurrency == null && queued == null) {
      section.error("rpm", "one of rpm, tpm, concurrency and queued-tokens is required");
    }
    return RateLimit.newBuilder()
        .setId(Names.segment(section, "id"))
        .setScope(scope)
        .setScopeName(scopeName)
        .setModel(model)
        .setRequestsPerMinute(requests)
        .setTokensPerMinute(tokens)
        .setConcurrency(concurrency)
        .setQueuedTokens(queued)
        .build();
  }

  private static @Nullable Long amount(Section section, String key) {
    return section.numberOrNull(key, 1, Long.MAX_VALUE);
  }
}
