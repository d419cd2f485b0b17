package io.penstock.worker.dialect.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Trees;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.anthropic.Samples.Exchange;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AnthropicRecordedTest {

  private static final Set<String> SPEAKABLE =
      Set.of("text", "thinking", "redacted_thinking", "tool_use");

  private final AnthropicProvider provider = new AnthropicProvider();
  private final MessagesCaller caller = new MessagesCaller();

  static List<Exchange> all() {
    return Stream.of("provider-exchanges.jsonl", "curator-batch-interactions.jsonl")
        .flatMap(file -> Samples.exchanges(file).stream())
        .toList();
  }

  static List<Exchange> answers() {
    return Stream.concat(
            all().stream().filter(exchange -> exchange.status() == 200 && !isStream(exchange)),
            Samples.batchAnswers().stream())
        .toList();
  }

  static List<Exchange> streams() {
    return all().stream().filter(AnthropicRecordedTest::isStream).toList();
  }

  private static boolean isStream(Exchange exchange) {
    return exchange.response().isTextual() && exchange.response().textValue().startsWith("event:");
  }

  @Test
  void thereIsSomethingToTestWith() {
    assertThat(answers()).hasSizeGreaterThan(45);
    assertThat(streams()).hasSize(6);
  }

  @ParameterizedTest
  @MethodSource("answers")
  void everyAnswerIsReadAndToldAgainWithoutLoss(Exchange exchange) {
    var original = Samples.json(exchange.body());

    var read = provider.read(Samples.call("claude"), exchange.body(), Instant.EPOCH);

    assertThat(read).isInstanceOf(Read.Answered.class);
    var answer = ((Read.Answered) read).answer();
    assertSameTokens(answer.usage(), original.path("usage"));
    assertThat(new String(answer.usage().getRaw().array(), StandardCharsets.UTF_8))
        .isEqualTo(original.path("usage").toString());
    var told = Samples.json(caller.answer(answer));
    assertThat(told.path("id")).isEqualTo(original.path("id"));
    assertThat(told.path("model")).isEqualTo(original.path("model"));
    assertThat(told.path("content")).isEqualTo(speakable(original.path("content")));
    assertThat(told.path("stop_reason")).isEqualTo(original.path("stop_reason"));
    assertThat(told.path("stop_sequence")).isEqualTo(original.path("stop_sequence"));
    for (var field :
        List.of("input_tokens", "output_tokens", "cache_read_input_tokens", "service_tier")) {
      assertThat(told.path("usage").path(field)).isEqualTo(original.path("usage").path(field));
    }
  }

  @ParameterizedTest
  @MethodSource("streams")
  void everyStreamIsReadToItsEnd(Exchange exchange) {
    var events = Samples.read(exchange.stream());

    assertThat(events.getFirst()).isInstanceOf(StreamEvent.Started.class);
    assertThat(events.getLast()).isInstanceOf(StreamEvent.Ended.class);
    assertThat(Samples.only(StreamEvent.Broken.class, events)).isEmpty();
    assertThat(Samples.only(StreamEvent.Finished.class, events))
        .containsExactly(new StreamEvent.Finished(0, Answer.Finish.STOP, "end_turn", null));
    assertThat(Samples.text(events)).isEqualTo(streamedText(exchange)).isNotBlank();
    var counts =
        Samples.events(exchange.stream()).stream()
            .map(event -> Samples.json(event.data()))
            .filter(event -> event.path("type").asText().equals("message_delta"))
            .toList()
            .getLast()
            .path("usage");
    assertSameTokens(Samples.only(StreamEvent.Used.class, events).getLast().usage(), counts);
  }

  @ParameterizedTest
  @MethodSource("streams")
  void everyStreamIsToldAgainWithoutLoss(Exchange exchange) {
    var events = Samples.read(exchange.stream());
    var writer = caller.stream(StreamStart.fresh(Instant.EPOCH));

    var told = new StringBuilder();
    for (var event : events) {
      told.append(new String(writer.write(event), StandardCharsets.UTF_8));
    }

    var again = Samples.read(told.toString());
    assertThat(withoutUsage(again)).isEqualTo(withoutUsage(events));
    assertThat(writer.events()).isEqualTo(Samples.events(told.toString()).size());
    assertThat(Samples.only(StreamEvent.Used.class, again).getLast().usage().getOutputText())
        .isEqualTo(Samples.only(StreamEvent.Used.class, events).getLast().usage().getOutputText());
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyRequestIsReadAndWrittenAgainWithItsMeaning(Exchange exchange) {
    var request = (ObjectNode) exchange.request();
    if (holdsBlocksOfItsOwnTools(request)) {
      assertThatThrownBy(() -> caller.prompt(Samples.bytes(request.toString())))
          .isInstanceOf(UnsupportedCallException.class)
          .hasMessageContaining("can only be read by providers of the dialect 'anthropic'");
      return;
    }
    var unsupported = new ArrayList<String>();

    var prompt = caller.prompt(Samples.bytes(request.toString()));
    var written =
        Samples.request(Samples.call(request.path("model").asText()), prompt, unsupported);

    assertThat(withoutCacheMarks(written.path("messages")))
        .isEqualTo(withoutCacheMarks(blocks(request.path("messages"))));
    assertThat(written.path("max_tokens")).isEqualTo(request.path("max_tokens"));
    assertThat(written.path("stop_sequences")).isEqualTo(request.path("stop_sequences"));
    assertThat(written.path("stream").asBoolean()).isEqualTo(request.path("stream").asBoolean());
    assertThat(names(written.path("tools"))).isEqualTo(names(request.path("tools")));
    if (!request.path("tools").isEmpty()) {
      assertThat(written.path("tool_choice")).isEqualTo(request.path("tool_choice"));
    }
    assertThat(written.path("output_config").path("format").path("type"))
        .isEqualTo(request.path("output_config").path("format").path("type"));
    if (unsupported.isEmpty() && request.has("thinking")) {
      assertThat(written.path("thinking")).isEqualTo(request.path("thinking"));
    }
    assertThat(unsupported).isSubsetOf("thinking", "reasoning_effort");
  }

  @Test
  void refusalsAreClassified() {
    var kinds =
        all().stream()
            .filter(exchange -> exchange.status() != 200)
            .map(
                exchange ->
                    provider
                        .readError(exchange.status(), Headers.NONE, exchange.body(), Instant.EPOCH)
                        .failure()
                        .getKind())
            .toList();

    assertThat(kinds).containsExactlyInAnyOrder(FailureKind.NOT_FOUND, FailureKind.BAD_REQUEST);
  }

  private static void assertSameTokens(TokenUsage usage, JsonNode counts) {
    assertThat(usage.getSource()).isEqualTo(UsageSource.PROVIDER);
    assertThat(usage.getInputUncached()).isEqualTo(counts.path("input_tokens").asLong());
    assertThat(usage.getInputCacheRead())
        .isEqualTo(counts.path("cache_read_input_tokens").asLong());
    var hour = usage.getInputCacheWrite1h();
    assertThat(usage.getInputCacheWrite5m() + (hour == null ? 0 : hour))
        .isEqualTo(counts.path("cache_creation_input_tokens").asLong());
    var thought = usage.getOutputReasoning();
    assertThat(usage.getOutputText() + (thought == null ? 0 : thought))
        .isEqualTo(counts.path("output_tokens").asLong());
  }

  private static ArrayNode speakable(JsonNode content) {
    var blocks = Trees.NODES.arrayNode();
    for (var block : content) {
      if (SPEAKABLE.contains(block.path("type").asText())) {
        blocks.add(((ObjectNode) block.deepCopy()).without("caller"));
      }
    }
    return blocks;
  }

  private static String streamedText(Exchange exchange) {
    var text = new StringBuilder();
    for (var event : Samples.events(exchange.stream())) {
      text.append(Samples.json(event.data()).path("delta").path("text").asText());
    }
    return text.toString();
  }

  private static List<StreamEvent> withoutUsage(List<StreamEvent> events) {
    return events.stream().filter(event -> !(event instanceof StreamEvent.Used)).toList();
  }

  private static boolean holdsBlocksOfItsOwnTools(JsonNode request) {
    var text = request.path("messages").toString();
    return text.contains("\"server_tool_use\"")
        || text.contains("tool_search_tool_result")
        || text.contains("container_upload")
        || text.contains("tool_reference");
  }

  /** Texts as blocks, and neighbours of one role as one message: that says the same. */
  private static JsonNode blocks(JsonNode messages) {
    var all = Trees.NODES.arrayNode();
    for (var message : messages) {
      var content = withResultsAsBlocks(inBlocks(message.path("content")));
      var role = message.path("role").asText();
      if (!all.isEmpty() && all.get(all.size() - 1).path("role").asText().equals(role)) {
        ((ArrayNode) all.get(all.size() - 1).path("content")).addAll(content);
      } else {
        all.add(Trees.object().put("role", role).set("content", content));
      }
    }
    return all;
  }

  private static ArrayNode inBlocks(JsonNode content) {
    return content.isTextual()
        ? Trees.NODES.arrayNode().add(Trees.typed("text").put("text", content.textValue()))
        : content.deepCopy();
  }

  private static ArrayNode withResultsAsBlocks(ArrayNode content) {
    for (var block : content) {
      if (block instanceof ObjectNode result
          && result.path("type").asText().equals("tool_result")) {
        result.set("content", inBlocks(result.path("content")));
        if (!result.path("is_error").asBoolean()) {
          result.remove("is_error");
        }
      }
    }
    return content;
  }

  private static JsonNode withoutCacheMarks(JsonNode messages) {
    var copy = messages.deepCopy();
    copy.findParents("cache_control")
        .forEach(block -> ((ObjectNode) block).remove("cache_control"));
    return copy;
  }

  private static List<String> names(JsonNode tools) {
    return Stream.of(tools)
        .flatMap(JsonNode::valueStream)
        .map(tool -> tool.path("name").asText())
        .sorted()
        .toList();
  }
}
