package io.penstock.router;

import io.penstock.platform.catalog.Catalog;
import io.penstock.router.admit.RoutingTable;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.BudgetScope;
import io.penstock.schemas.avro.BudgetWindow;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.CancelRequested;
import io.penstock.schemas.avro.CatalogEntry;
import io.penstock.schemas.avro.CreditGrant;
import io.penstock.schemas.avro.Delivered;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.JobLine;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.avro.MidStream;
import io.penstock.schemas.avro.ModelEntry;
import io.penstock.schemas.avro.OrganizationEntry;
import io.penstock.schemas.avro.Payload;
import io.penstock.schemas.avro.PoolEntry;
import io.penstock.schemas.avro.PriceEntry;
import io.penstock.schemas.avro.PriceLine;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.RequestFacts;
import io.penstock.schemas.avro.Role;
import io.penstock.schemas.avro.Strategy;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.Target;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A small installation: one organisation, one key, three pools, models on one, two and three of
 * them.
 */
public final class Fixtures {

  public static final Instant T0 = Instant.parse("2026-11-21T10:00:00Z");
  public static final Duration DEADLINE = Duration.ofHours(1);
  public static final String ACME = "org_acme";
  public static final String KEY = "key_1";
  public static final String BODY = "{\"model\":\"two\",\"messages\":[]}";
  public static final String ANSWER = "{\"object\":\"chat.completion\"}";

  private Fixtures() {}

  public static RoutingTable table(BudgetEntry... budgets) {
    return new RoutingTable(catalog(budgets), _ -> true);
  }

  /** The same, whose organisation pays in advance. */
  public static RoutingTable prepaid(List<CreditGrant> credits, BudgetEntry... budgets) {
    var entries = new HashMap<>(catalog(budgets).entries());
    var organization =
        OrganizationEntry.newBuilder()
            .setId(ACME)
            .setName("Acme")
            .setPrepaid(true)
            .setCredits(credits)
            .build();
    add(entries, "organization", ACME, organization);
    return new RoutingTable(new Catalog(entries), _ -> true);
  }

  /** The same at another price. */
  public static RoutingTable repriced(
      RoutingTable table, String name, long version, String input, String output) {
    var entries = new HashMap<>(table.catalog().entries());
    var price = price(name, input, output);
    price.setVersion(version);
    add(entries, "price", name, price);
    return new RoutingTable(new Catalog(entries), _ -> true);
  }

  public static CreditGrant credit(
      String id, long amount, int priority, @Nullable Instant expires) {
    return CreditGrant.newBuilder()
        .setId(id)
        .setAmountNanoUsd(amount)
        .setPriority(priority)
        .setExpiresAt(expires)
        .build();
  }

  public static Catalog catalog(BudgetEntry... budgets) {
    var entries = new HashMap<String, CatalogEntry>();
    add(
        entries,
        "organization",
        ACME,
        OrganizationEntry.newBuilder().setId(ACME).setName("Acme").setActive(true).build());
    add(
        entries,
        "organization",
        "org_gone",
        OrganizationEntry.newBuilder().setId("org_gone").setName("Gone").setActive(false).build());
    add(entries, "key", KEY, key(KEY, ACME, List.of(), true, null));
    add(entries, "key", "key_off", key("key_off", ACME, List.of(), false, null));
    add(entries, "key", "key_old", key("key_old", ACME, List.of(), true, T0.minusSeconds(1)));
    add(entries, "key", "key_one", key("key_one", ACME, List.of("one"), true, null));
    add(entries, "key", "key_gone", key("key_gone", "org_gone", List.of(), true, null));
    for (var pool : List.of("alpha", "beta", "gamma")) {
      add(entries, "pool", pool, pool(pool));
    }
    add(entries, "price", "cheap", price("cheap", "0.15", "0.6"));
    add(entries, "price", "dear", price("dear", "2.5", "10"));
    add(entries, "price", "odd", price("odd", "a lot", "1"));
    model(entries, "one", 6, target("alpha", "cheap"));
    model(entries, "two", 6, target("alpha", "cheap"), target("beta", "dear"));
    model(
        entries,
        "three",
        8,
        target("alpha", "cheap"),
        target("beta", "dear"),
        target("gamma", "cheap"));
    model(entries, "unpriced", 6, target("alpha", "nowhere"), target("beta", "odd"));
    model(entries, "half-priced", 6, target("alpha", "nowhere"), target("beta", "cheap"));
    model(entries, "empty", 6);
    var continuing = CallPolicy.newBuilder().setMidStream(MidStream.CONTINUE).build();
    add(
        entries,
        "model",
        "stream",
        ModelEntry.newBuilder()
            .setName("stream")
            .setTargets(List.of(target("alpha", "cheap"), prefilling("beta", "dear")))
            .setPolicy(continuing)
            .build());
    add(
        entries,
        "model",
        "sizes",
        ModelEntry.newBuilder()
            .setName("sizes")
            .setTargets(
                List.of(
                    windowed("alpha", "small", 8_000L),
                    windowed("beta", "small", 8_000L),
                    windowed("gamma", "tiny", 4_000L),
                    windowed("gamma", "large", 100_000L)))
            .build());
    add(
        entries,
        "model",
        "capped",
        ModelEntry.newBuilder()
            .setName("capped")
            .setTargets(List.of(target("alpha", "cheap"), target("beta", "dear")))
            .setCostMaxUsd("0.00001")
            .build());
    for (var budget : budgets) {
      add(entries, "budget", budget.getId(), budget);
    }
    return new Catalog(entries);
  }

  private static void add(
      Map<String, CatalogEntry> entries, String kind, String name, Object entry) {
    entries.put(kind + "/" + name, new CatalogEntry(kind, name, 1L, null, T0, entry));
  }

  private static ApiKeyEntry key(
      String id,
      String organization,
      List<String> models,
      boolean active,
      @Nullable Instant expires) {
    return new ApiKeyEntry(
        id,
        organization,
        id,
        "hash-" + id,
        "abcd",
        Role.USER,
        null,
        null,
        models,
        active,
        expires,
        null,
        null,
        null,
        T0.minusSeconds(60));
  }

  private static PoolEntry pool(String name) {
    return PoolEntry.newBuilder()
        .setName(name)
        .setProvider(name)
        .setDialect("openai")
        .setBaseUrl("http://localhost")
        .build();
  }

  private static PriceEntry price(String name, String input, String output) {
    return PriceEntry.newBuilder()
        .setName(name)
        .setVersion(3L)
        .setLines(
            List.of(
                PriceLine.newBuilder()
                    .setTokenClass("input_uncached")
                    .setUsdPerMillion(input)
                    .build(),
                PriceLine.newBuilder()
                    .setTokenClass("output_text")
                    .setUsdPerMillion(output)
                    .build()))
        .build();
  }

  private static Target target(String pool, String price) {
    return Target.newBuilder()
        .setPool(pool)
        .setUpstreamModel("up-" + pool)
        .setPrice(price)
        .setOutputTokensMax(1000)
        .build();
  }

  private static Target prefilling(String pool, String price) {
    var target = target(pool, price);
    target.setCapabilities(List.of("prefill"));
    return target;
  }

  private static Target windowed(String pool, String upstreamModel, long window) {
    var target = target(pool, "cheap");
    target.setUpstreamModel(upstreamModel);
    target.setContextWindow(window);
    return target;
  }

  private static void model(
      Map<String, CatalogEntry> entries, String name, int attemptsMax, Target... targets) {
    add(
        entries,
        "model",
        name,
        ModelEntry.newBuilder()
            .setName(name)
            .setAliases(List.of(name + "-alias"))
            .setStrategy(Strategy.PRIORITY)
            .setTargets(List.of(targets))
            .setAttemptsMax(attemptsMax)
            .setRules(List.of())
            .build());
  }

  public static BudgetEntry budget(
      String id, BudgetScope scope, @Nullable String name, long limit) {
    return budget(id, scope, name, limit, BudgetWindow.LIFETIME, true);
  }

  public static BudgetEntry budget(
      String id,
      BudgetScope scope,
      @Nullable String name,
      long limit,
      BudgetWindow window,
      boolean hard) {
    return BudgetEntry.newBuilder()
        .setId(id)
        .setOrganization(ACME)
        .setScope(scope)
        .setScopeName(name)
        .setLimitNanoUsd(limit)
        .setWindow(window)
        .setTimeZone("UTC")
        .setHard(hard)
        .build();
  }

  /** A batch line for model {@code two}. */
  public static InferenceRequested batchLine(String id) {
    return request(id, "two", AnswerTo.RESULT);
  }

  /** A caller waits for it. */
  public static InferenceRequested interactive(String id) {
    return request(id, "two", AnswerTo.REPLY);
  }

  public static InferenceRequested request(String id, String model, AnswerTo answerTo) {
    return request(id, model, answerTo, KEY);
  }

  public static InferenceRequested request(String id, String model, AnswerTo answerTo, String key) {
    var line = answerTo == AnswerTo.RESULT;
    return InferenceRequested.newBuilder()
        .setRequestId(id)
        .setOrganization(ACME)
        .setApiKey(key)
        .setTags(List.of())
        .setModel(model)
        .setSurface(Surface.OPENAI_CHAT)
        .setLane(line ? Lane.BATCH : Lane.INTERACTIVE)
        .setAnswerTo(answerTo)
        .setReply(line ? null : new ReplyAddress("ingress-1", 2))
        .setJob(answerTo == AnswerTo.REPLY ? null : line ? "batch_1" : id)
        .setLine(line ? new JobLine("batch_1", 7L, "line-7") : null)
        .setFacts(
            new RequestFacts(100L, 50L, 1, false, false, false, false, false, false, Map.of()))
        .setBody(payload(BODY))
        .setAcceptedAt(T0)
        .setDeadlineAt(T0.plus(DEADLINE))
        .build();
  }

  public static Payload payload(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    return new Payload(ByteBuffer.wrap(bytes), null, (long) bytes.length, null);
  }

  public static String text(Payload payload) {
    return StandardCharsets.UTF_8.decode(payload.getInline().duplicate()).toString();
  }

  public static TokenUsage usage(long input, long output) {
    return TokenUsage.newBuilder()
        .setSource(UsageSource.PROVIDER)
        .setInputUncached(input)
        .setOutputText(output)
        .setToolUnits(new HashMap<>())
        .build();
  }

  /** A success of 80 tokens in and 20 out. */
  public static CallFinished finished(CallAssigned call, Instant startedAt) {
    return new CallFinished(
        call.getRequestId(),
        call.getOrganization(),
        call.getAttempt(),
        call.getPool(),
        call.getUpstreamModel(),
        call.getLane(),
        200,
        "provider-id",
        usage(80, 20),
        "stop",
        call.getAnswerTo() == AnswerTo.REPLY ? null : payload(ANSWER),
        startedAt,
        startedAt.plusMillis(40),
        startedAt.plusMillis(200));
  }

  public static CallFailed failed(CallAssigned call, FailureKind kind, Instant startedAt) {
    return failed(call, kind, startedAt, null, null);
  }

  public static CallFailed failed(
      CallAssigned call,
      FailureKind kind,
      Instant startedAt,
      @Nullable Long retryAfterMillis,
      @Nullable TokenUsage usage) {
    return new CallFailed(
        call.getRequestId(),
        call.getOrganization(),
        call.getAttempt(),
        new Failure(kind, status(kind), null, "it was " + kind, retryAfterMillis, null),
        usage,
        null,
        null,
        call,
        startedAt,
        startedAt.plusMillis(100));
  }

  private static @Nullable Integer status(FailureKind kind) {
    return switch (kind) {
      case BAD_REQUEST, CONTEXT_TOO_LONG, CONTENT_POLICY -> 400;
      case AUTHENTICATION -> 401;
      case PROVIDER_BUDGET -> 402;
      case NOT_FOUND -> 404;
      case RATE_LIMITED -> 429;
      case SERVER_ERROR -> 500;
      case OVERLOADED -> 503;
      case CUT, UNUSABLE -> 200;
      case CONNECT, TIMEOUT, CANCELLED, DEADLINE, UNKNOWN -> null;
    };
  }

  /** A stream that its caller waits for, of a model whose streams go on elsewhere. */
  public static InferenceRequested stream(String id) {
    var request = request(id, "stream", AnswerTo.REPLY);
    request.getFacts().setStream(true);
    return request;
  }

  /** What the caller has seen of a stream. */
  public static Delivered delivered(int pieces, boolean continuable) {
    return new Delivered(
        ByteBuffer.wrap("Once upon".getBytes(StandardCharsets.UTF_8)),
        pieces,
        pieces,
        "chatcmpl-1",
        "up-alpha",
        T0,
        continuable);
  }

  public static CancelRequested cancel(String id) {
    return new CancelRequested(id, ACME, "changed my mind", T0);
  }
}
