package io.penstock.router.pace;

import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.RateLimit;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A limit on the pace of requests, as the catalogue has it.
 *
 * @param id unique within the organisation
 * @param scopeName which team, project, …; absent means each one by itself
 * @param model for this model only, by its own name; absent means all together
 * @param requests a minute; absent means unlimited
 * @param tokens a minute; absent means unlimited
 * @param concurrency requests at the same time; absent means unlimited
 * @param queuedTokens input tokens of open batch lines; absent means unlimited
 */
public record Limit(
    String id,
    BudgetScope scope,
    @Nullable String scopeName,
    @Nullable String model,
    @Nullable Long requests,
    @Nullable Long tokens,
    @Nullable Long concurrency,
    @Nullable Long queuedTokens) {

  /** No limit of an organisation can be named so: it has a colon. */
  private static final String OWN = "api_key:";

  /**
   * One of an organisation's.
   *
   * @param ownName gives a model's own name for any of its names
   */
  public static Limit of(RateLimit limit, UnaryOperator<String> ownName) {
    var name = limit.getScopeName();
    var model = limit.getModel();
    return new Limit(
        limit.getId(),
        limit.getScope(),
        name != null && limit.getScope() == BudgetScope.MODEL ? ownName.apply(name) : name,
        model == null ? null : ownName.apply(model),
        limit.getRequestsPerMinute(),
        limit.getTokensPerMinute(),
        limit.getConcurrency(),
        limit.getQueuedTokens());
  }

  /** The key's own; absent when it has none. */
  public static @Nullable Limit of(ApiKeyEntry key) {
    if (key.getRequestsPerMinute() == null
        && key.getTokensPerMinute() == null
        && key.getConcurrency() == null) {
      return null;
    }
    return new Limit(
        OWN + key.getId(),
        BudgetScope.API_KEY,
        key.getId(),
        null,
        key.getRequestsPerMinute(),
        key.getTokensPerMinute(),
        key.getConcurrency(),
        null);
  }

  /** What a request counts for under it; empty when it does not apply. */
  List<String> values(Asker asker) {
    if (model != null && !model.equals(asker.model())) {
      return List.of();
    }
    return switch (scope) {
      case ORGANIZATION -> List.of(asker.organization());
      case TEAM -> matching(asker.team());
      case PROJECT -> matching(asker.project());
      case API_KEY -> matching(asker.apiKey());
      case END_USER -> matching(asker.endUser());
      case MODEL -> matching(asker.model());
      case TAG ->
          scopeName == null
              ? asker.tags()
              : asker.tags().contains(scopeName) ? List.of(scopeName) : List.of();
    };
  }

  private List<String> matching(@Nullable String value) {
    return value == null || (scopeName != null && !scopeName.equals(value))
        ? List.of()
        : List.of(value);
  }

  /** How much of a measure it allows; absent means any amount. */
  @Nullable Long allowed(Measure measure) {
    return switch (measure) {
      case REQUESTS -> requests;
      case TOKENS -> tokens;
      case OPEN -> concurrency;
      case QUEUED -> queuedTokens;
    };
  }

  /** The account of a value; the value comes last, because it may hold anything. */
  String account(Measure measure, Asker asker, String value) {
    return asker.organization() + "|" + measure.segment() + "|" + id + "|" + value;
  }
}
