package io.penstock.simulator;

import static io.penstock.simulator.SimulatorClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Trouble;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every fault in every dialect, whole and streamed, as an ordinary client sees it. */
class FaultMatrixTest {
  private static final Simulator SIMULATOR =
      Simulator.start(
          SimulatorConfig.standard()
              .withStall(Duration.ofMillis(30))
              .behaving(old -> old.withSlow(Duration.ofMillis(30))),
          "127.0.0.1",
          0);
  private static final SimulatorClient CLIENT = new SimulatorClient(SIMULATOR);

  /** What a client is told: status on the four surfaces, where they differ in this order. */
  private static final Map<Trouble, List<Integer>> STATUS =
      Map.ofEntries(
          Map.entry(Trouble.BAD_REQUEST, List.of(400)),
          Map.entry(Trouble.UNAUTHORIZED, List.of(401, 401, 400)),
          Map.entry(Trouble.PAYMENT, List.of(402)),
          Map.entry(Trouble.FORBIDDEN, List.of(403)),
          Map.entry(Trouble.MODEL_UNKNOWN, List.of(404)),
          Map.entry(Trouble.REQUEST_TIMEOUT, List.of(408)),
          Map.entry(Trouble.TOO_LARGE, List.of(413)),
          Map.entry(Trouble.RATE, List.of(429)),
          Map.entry(Trouble.CAPACITY, List.of(429)),
          Map.entry(Trouble.MONEY, List.of(429, 400, 429)),
          Map.entry(Trouble.SERVER, List.of(500)),
          Map.entry(Trouble.BAD_GATEWAY, List.of(502)),
          Map.entry(Trouble.OVERLOADED, List.of(503)),
          Map.entry(Trouble.GATEWAY_TIMEOUT, List.of(504)),
          Map.entry(Trouble.OVERLOADED_529, List.of(529)),
          Map.entry(Trouble.CONTEXT, List.of(400)),
          Map.entry(Trouble.POLICY, List.of(400, 400, 200)),
          Map.entry(Trouble.PREFILL, List.of(200)));

  @AfterAll
  static void stop() {
    CLIENT.close();
    SIMULATOR.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyDialectMeetsEveryFault(Fault fault) {
    for (var bodies : Bodies.values()) {
      meets(bodies, fault, "");
      meets(bodies, fault, bodies.stream());
    }
    assertThat(SIMULATOR.log().summary().inFlight()).isZero();
  }

  private static void meets(Bodies bodies, Fault fault, String more) {
    var name = bodies + " " + fault.wireName() + (more.isEmpty() ? "" : " streamed");
    boolean streams = !more.isEmpty();
    if (breaksConnection(fault)) {
      assertThatThrownBy(() -> ask(bodies, fault, more)).as(name).isInstanceOf(IOException.class);
      assertThat(last(fault).served()).as(name).isFalse();
      return;
    }
    HttpResponse<String> response;
    try {
      response = ask(bodies, fault, more);
    } catch (IOException broken) {
      throw new AssertionError(name, broken);
    }
    if (fault.trouble().isPresent()) {
      var statuses = STATUS.getOrDefault(fault.trouble().get(), List.of());
      int surface =
          switch (bodies) {
            case OPENAI, RESPONSES, AZURE -> 0;
            case ANTHROPIC -> 1;
            case GEMINI -> 2;
          };
      assertThat(response.statusCode())
          .as(name)
          .isEqualTo(statuses.get(statuses.size() == 1 ? 0 : surface));
      return;
    }
    if (fault == Fault.HTML_502) {
      assertThat(response.statusCode()).as(name).isEqualTo(502);
      return;
    }
    assertThat(response.statusCode()).as(name).isEqualTo(200);
    if (streams) {
      assertStream(name, bodies, fault, response);
    } else {
      assertWhole(name, bodies, fault, response);
    }
  }

  private static void assertWhole(
      String name, Bodies bodies, Fault fault, HttpResponse<String> response) {
    switch (fault) {
      case ENDS_EARLY, MALFORMED, MALFORMED_EVENT, JSON_BROKEN, HTML_200, GARBAGE -> {
        assertThatThrownBy(() -> json(response)).as(name).isInstanceOf(IOException.class);
        assertThat(last(fault).served()).as(name).isFalse();
      }
      case ERROR_200, ERROR_EVENT, ERROR_FINISH, ERROR_AFTER_FINISH, ERROR_GROQ -> {
        assertThat(parsed(response).has("error")).as(name).isTrue();
        assertThat(last(fault).served()).as(name).isFalse();
      }
      case EMPTY, EMPTY_CHOICES -> assertThat(bodies.text(parsed(response))).as(name).isEmpty();
      case REFUSAL -> {
        if (bodies != Bodies.ANTHROPIC) {
          assertThat(bodies.text(parsed(response))).as(name).isIn("", "null");
        }
      }
      case USAGE_MISSING ->
          assertThat(parsed(response).hasNonNull("usage") || parsed(response).has("usageMetadata"))
              .as(name)
              .isFalse();
      case USAGE_PARTIAL -> assertThat(usage(parsed(response))).as(name).hasSize(1);
      case HUGE ->
          assertThat(bodies.text(parsed(response)).length()).as(name).isGreaterThan(256 << 10);
      case CONTENT_TYPE_WRONG -> {
        assertThat(response.headers().firstValue("content-type"))
            .as(name)
            .contains("text/plain; charset=utf-8");
        assertThat(bodies.text(parsed(response))).as(name).isNotEmpty();
      }
      default -> assertThat(bodies.text(parsed(response))).as(name).isNotEmpty();
    }
  }

  private static void assertStream(
      String name, Bodies bodies, Fault fault, HttpResponse<String> response) {
    var stream = response.body();
    switch (fault) {
      case HTML_200, GARBAGE -> assertThat(stream).as(name).doesNotContain("data:");
      case MALFORMED, JSON_BROKEN, MALFORMED_EVENT -> {
        assertThatThrownBy(() -> Bodies.events(stream)).as(name).isInstanceOf(AssertionError.class);
        assertThat(last(fault).served()).as(name).isEqualTo(fault == Fault.MALFORMED_EVENT);
      }
      case ENDS_EARLY, NO_FINISH -> {
        assertThat(bodies.streamedText(Bodies.events(stream))).as(name).isNotEmpty();
        assertThat(stream)
            .as(name)
            .doesNotContain("[DONE]")
            .doesNotContain("\"stop\"")
            .doesNotContain("message_stop")
            .doesNotContain("finishReason")
            .doesNotContain("response.completed");
      }
      case NO_DONE ->
          assertThat(stream)
              .as(name)
              .doesNotContain("[DONE]")
              .doesNotContain("message_stop")
              .doesNotContain("response.completed");
      case ERROR_200, ERROR_EVENT, ERROR_FINISH, ERROR_GROQ, ERROR_AFTER_FINISH -> {
        assertThat(Bodies.events(stream).getLast().toString()).as(name).contains("error");
        assertThat(last(fault).served()).as(name).isFalse();
      }
      case EMPTY, EMPTY_CHOICES ->
          assertThat(bodies.streamedText(Bodies.events(stream))).as(name).isEmpty();
      case REFUSAL -> {
        if (bodies != Bodies.ANTHROPIC) {
          assertThat(bodies.streamedText(Bodies.events(stream))).as(name).isEmpty();
        }
      }
      case USAGE_MISSING ->
          assertThat(stream).as(name).doesNotContain("\"usage\":{").doesNotContain("usageMetadata");
      case CRLF ->
          assertThat(stream.replace("\r\n", "")).as(name).doesNotContain("\n").doesNotContain("\r");
      case CR -> assertThat(stream).as(name).doesNotContain("\n").contains("\r\r");
      case NO_SPACE -> assertThat(stream).as(name).doesNotContain("data: ").contains("data:");
      case COMMENTS -> assertThat(stream).as(name).contains(": keep-alive\n\n");
      case CONTENT_TYPE_WRONG ->
          assertThat(response.headers().firstValue("content-type"))
              .as(name)
              .contains("text/plain; charset=utf-8");
      default -> assertThat(bodies.streamedText(Bodies.events(stream))).as(name).isNotEmpty();
    }
  }

  private static boolean breaksConnection(Fault fault) {
    return switch (fault) {
      case RESET, RESET_BEFORE_HEAD, SILENT, HEAD_ONLY, STALL, TRUNCATED, CUT, COMMENTS_ONLY ->
          true;
      default -> false;
    };
  }

  @Test
  void theThree429sAreToldApart() throws IOException {
    assertError("rate429", "/error/code", "rate_limit_exceeded");
    assertError("capacity429", "/error/code", "slow_down");
    assertError("insufficient-quota", "/error/code", "insufficient_quota");
    var gemini = json(Bodies.GEMINI.ask(CLIENT, "m+fault-insufficient-quota", "hello"));
    assertThat(gemini.at("/error/details/0/violations/0/quotaId").asText()).contains("PerDay");
    var rate = json(Bodies.GEMINI.ask(CLIENT, "m+fault-429+retry-after-1500ms", "hello"));
    assertThat(rate.at("/error/details/1/retryDelay").asText()).isEqualTo("1.5s");
  }

  @Test
  void everyHintHasTheFormThatIsAskedFor() throws IOException {
    var seconds = Bodies.OPENAI.ask(CLIENT, "m+fault-rate429-seconds+retry-after-7s", "hello");
    var millis = Bodies.OPENAI.ask(CLIENT, "m+fault-rate429-ms+retry-after-70ms", "hello");
    var date = Bodies.OPENAI.ask(CLIENT, "m+fault-rate429-date+retry-after-7s", "hello");
    var none = Bodies.OPENAI.ask(CLIENT, "m+fault-rate429-none", "hello");
    var error = Bodies.OPENAI.ask(CLIENT, "m+fault-503+retry-after-2s", "hello");

    assertThat(seconds.headers().firstValue("retry-after")).contains("7");
    assertThat(seconds.headers().firstValue("retry-after-ms")).isEmpty();
    assertThat(millis.headers().firstValue("retry-after")).isEmpty();
    assertThat(millis.headers().firstValue("retry-after-ms")).contains("70");
    assertThat(date.headers().firstValue("retry-after").orElseThrow()).endsWith(" GMT");
    assertThat(none.headers().firstValue("retry-after")).isEmpty();
    assertThat(none.headers().firstValue("retry-after-ms")).isEmpty();
    assertThat(error.headers().firstValue("retry-after")).contains("2");
  }

  @Test
  void anthropicsOverloadAndProxyAreItsOwn() throws IOException {
    var overloaded = Bodies.ANTHROPIC.ask(CLIENT, "m+fault-529", "hello");
    var large = Bodies.ANTHROPIC.ask(CLIENT, "m+fault-413", "hello");

    assertThat(json(overloaded).at("/error/type").asText()).isEqualTo("overloaded_error");
    assertThat(large.body()).startsWith("<html>");
  }

  @Test
  void errorsAfter200HaveTheFormThatIsAskedFor() throws IOException {
    assertThat(streamed("error-event")).contains("event: error\ndata: {\"error\"");
    assertThat(streamed("error-finish")).contains("\"finish_reason\":\"error\"");
    assertThat(streamed("error-groq")).contains("\"x_groq\":{\"error\"");
    assertThat(streamed("error-after-finish"))
        .containsSubsequence("\"finish_reason\":\"stop\"", "\"server_error\"");
    var first = streamed("error-200-after-0");
    assertThat(Bodies.events(first)).hasSize(1);
  }

  private static String streamed(String fault) throws IOException {
    return Bodies.OPENAI.ask(CLIENT, "m+fault-" + fault, "hello", Bodies.OPENAI.stream()).body();
  }

  private static void assertError(String fault, String path, String value) throws IOException {
    var response = Bodies.OPENAI.ask(CLIENT, "m+fault-" + fault, "hello");

    assertThat(json(response).at(path).asText()).isEqualTo(value);
  }

  private static HttpResponse<String> ask(Bodies bodies, Fault fault, String more)
      throws IOException {
    return bodies.ask(CLIENT, "m+fault-" + fault.wireName(), "tell me more of it", more);
  }

  private static io.penstock.simulator.calls.Call last(Fault fault) {
    var call = SIMULATOR.log().calls(0, 1_000_000).getLast();
    assertThat(call.fault()).isEqualTo(fault);
    return call;
  }

  private static JsonNode parsed(HttpResponse<String> response) {
    return SimulatorClient.json(response.body());
  }

  private static JsonNode usage(JsonNode body) {
    return body.has("usageMetadata") ? body.get("usageMetadata") : body.get("usage");
  }
}
