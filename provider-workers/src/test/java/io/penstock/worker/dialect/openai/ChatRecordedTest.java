package io.penstock.worker.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.Surface;
import io.penstock.schemas.avro.UsageSource;
import io.penstock.worker.dialect.CallerDialects;
import io.penstock.worker.dialect.Exchange;
import io.penstock.worker.dialect.Exchanged;
import io.penstock.worker.dialect.Json;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.Recorded;
import io.penstock.worker.dialect.canonical.Answer;
import io.penstock.worker.dialect.canonical.AnswerAssembler;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.sse.EventParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What OpenAI and servers that follow it really sent. */
class ChatRecordedTest {

  private static final List<String> FOLDERS =
      List.of("deepseek", "xai", "moonshotai", "azure", "openai-compatible", "togetherai");

  private static final String CHAT =
      "{\"model\":\"a\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final String MESSAGES =
      "{\"model\":\"a\",\"stream\":true,\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  private final OpenAiProvider provider = new OpenAiProvider();

  /** A stream, and where it is from. */
  private record Stream(String name, String text) {}

  /** What is in a stream, read in the simplest way that is right for most servers. */
  private static final class Plainly {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder thoughts = new StringBuilder();
    private final TreeMap<Integer, StringBuilder> calls = new TreeMap<>();
    private String finish = "";
    private boolean error;
    private long tokens;

    private Plainly(String stream) throws IOException {
      for (var line : stream.lines().toList()) {
        if (line.startsWith("data:") && !line.contains("[DONE]")) {
          chunk(Json.MAPPER.readTree(line.substring("data:".length())));
        }
      }
    }

    private void chunk(JsonNode chunk) {
      error |= chunk.has("error");
      if (chunk.path("usage").has("total_tokens")) {
        tokens = chunk.path("usage").path("total_tokens").asLong();
      }
      for (var choice : chunk.path("choices")) {
        var delta = choice.path("delta");
        text.append(delta.path("content").asText(""));
        thoughts.append(delta.path("reasoning_content").asText(delta.path("reasoning").asText("")));
        for (var call : delta.path("tool_calls")) {
          var function = call.path("function");
          calls
              .computeIfAbsent(call.path("index").asInt(), _ -> new StringBuilder())
              .append(function.hasNonNull("name") ? function.path("name").asText() + ":" : "")
              .append(function.path("arguments").asText(""));
        }
        finish =
            choice.path("finish_reason").isTextual()
                ? choice.path("finish_reason").asText()
                : finish;
      }
    }
  }

  private static List<Stream> streams() throws IOException {
    var streams = new ArrayList<Stream>();
    for (var exchange : Recorded.of("provider-exchanges.jsonl")) {
      if (exchange.status() == 200
          && exchange.stream()
          && exchange.url().contains("chat/completions")) {
        streams.add(
            new Stream(exchange.url(), new String(exchange.response(), StandardCharsets.UTF_8)));
      }
    }
    for (var folder : FOLDERS) {
      for (var file : Recorded.files(folder, ".chunks.txt")) {
        var lines = Files.readAllLines(file);
        if (lines.getFirst().contains("\"choices\"")) {
          streams.add(new Stream(file.toString(), Exchanged.events(lines) + "data: [DONE]\n\n"));
        }
      }
      for (var file : Recorded.files(folder, ".sse")) {
        streams.add(new Stream(file.toString(), Files.readString(file).stripTrailing() + "\n\n"));
      }
    }
    return streams;
  }

  @Test
  void everyStreamIsReadWithItsTextThoughtsCallsFinishAndTokens() throws IOException {
    var streams = streams();
    assertThat(streams).hasSizeGreaterThan(25);
    for (var stream : streams) {
      var plainly = new Plainly(stream.text());
      if (plainly.error) {
        continue;
      }

      var answer = assembled(stream.text());

      var choice = answer.choices().getFirst();
      assertThat(said(choice)).as(stream.name()).isEqualTo(plainly.text.toString());
      assertThat(thought(choice)).as(stream.name()).isEqualTo(plainly.thoughts.toString());
      assertThat(calls(choice))
          .as(stream.name())
          .isEqualTo(plainly.calls.values().stream().map(StringBuilder::toString).toList());
      assertThat(choice.finish())
          .as(stream.name())
          .isEqualTo(Finishes.of(plainly.finish, !plainly.calls.isEmpty()));
    }
  }

  @Test
  void everyStreamPassesByteForByteHoweverItIsCut() throws IOException {
    var random = new Random(5);
    for (var stream : streams()) {
      var plainly = new Plainly(stream.text());
      var whole = Exchanged.run(passing(), stream.text());

      for (var time = 0; time < 10; time++) {
        var cut = Exchanged.run(passing(), Exchanged.bytes(stream.text()), random);
        assertThat(cut.sent()).as(stream.name()).isEqualTo(whole.sent());
        assertThat(cut.reading()).usingRecursiveComparison().isEqualTo(whole.reading());
      }
      if (plainly.error) {
        assertThat(whole.reading()).as(stream.name()).isInstanceOf(Reading.Failed.class);
        assertThat(withoutComments(stream.text())).startsWith(whole.sent());
        continue;
      }
      assertThat(whole.reading()).as(stream.name()).isInstanceOf(Reading.Usable.class);
      if (plainly.tokens > 0) {
        assertThat(whole.sent()).as(stream.name()).isEqualTo(withoutComments(stream.text()));
        assertThat(whole.usage().getSource()).isEqualTo(UsageSource.PROVIDER);
        assertThat(OpenAiProviderTest.sum(whole.usage())).isEqualTo(plainly.tokens);
      }
    }
  }

  private static String withoutComments(String stream) {
    return stream.replaceAll("(?m)^:.*\n\n?", "");
  }

  @Test
  void everyStreamCanBeToldToACallerOfAnotherLanguage() throws IOException {
    var random = new Random(6);
    for (var stream : streams()) {
      var plainly = new Plainly(stream.text());

      var whole = Exchanged.run(translating(), stream.text());

      var cut = Exchanged.run(translating(), Exchanged.bytes(stream.text()), random);
      assertThat(cut.sent()).as(stream.name()).isEqualTo(whole.sent());
      if (plainly.error) {
        assertThat(whole.reading()).as(stream.name()).isInstanceOf(Reading.Failed.class);
        assertThat(whole.sent()).doesNotContain("message_stop");
        continue;
      }
      assertThat(whole.reading()).as(stream.name()).isInstanceOf(Reading.Usable.class);
      assertThat(whole.sent()).contains("event: message_stop");
      assertThat(texts(whole.sent())).as(stream.name()).isEqualTo(plainly.text.toString());
    }
  }

  @Test
  void aStreamCutAnywhereIsNeverAShortAnswer() throws IOException {
    var random = new Random(7);
    for (var stream : streams()) {
      var bytes = Exchanged.bytes(stream.text());
      var finish = stream.text().indexOf("\"finish_reason\":\"");
      var last = finish < 0 ? stream.text().indexOf("\"usage\":{") : finish;
      for (var time = 0; time < 5 && last > 0; time++) {
        var part = new String(bytes, 0, random.nextInt(last), StandardCharsets.UTF_8);

        var run = Exchanged.run(passing(), part);

        assertThat(run.reading()).as(stream.name()).isInstanceOf(Reading.Failed.class);
        assertThat(run.sent()).doesNotContain("[DONE]");
      }
    }
  }

  @Test
  void theErrorsInRecordedStreamsAreUnderstood() throws IOException {
    var kinds = new ArrayList<FailureKind>();
    for (var stream : streams()) {
      if (Exchanged.run(passing(), stream.text()).reading() instanceof Reading.Failed failed) {
        kinds.add(failed.failure().getKind());
      }
    }

    assertThat(kinds)
        .containsExactlyInAnyOrder(
            FailureKind.UNUSABLE, FailureKind.UNUSABLE, FailureKind.BAD_REQUEST);
  }

  @Test
  void everyWholeAnswerIsReadAndToldInEachLanguage() throws IOException {
    var read = 0;
    for (var body : answers()) {
      var original = Json.MAPPER.readTree(body);
      var message = original.at("/choices/0/message");

      var answered = provider.read(Exchanged.whole(Surface.OPENAI_CHAT), body, Exchanged.NOW);

      assertThat(answered).as("%s", original).isInstanceOf(Read.Answered.class);
      var answer = ((Read.Answered) answered).answer();
      var choice = answer.choices().getFirst();
      if (message.path("content").isTextual()) {
        assertThat(said(choice)).isEqualTo(message.path("content").asText());
      }
      assertThat(calls(choice)).hasSize(functions(message));
      var told = Json.MAPPER.readTree(CallerDialects.of(Surface.OPENAI_CHAT).answer(answer));
      assertThat(told.at("/choices/0/message").has("refusal")).isTrue();
      assertThat(told.at("/choices/0").has("logprobs")).isTrue();
      assertThat(told.at("/choices/0/message/content").asText())
          .isEqualTo(
              said(choice).isEmpty()
                  ? told.at("/choices/0/message/content").asText()
                  : said(choice));
      assertThat(told.path("id")).isEqualTo(original.path("id"));
      assertThat(told.path("created").asLong()).isEqualTo(original.path("created").asLong());
      assertThat(told.at("/usage/total_tokens").asLong())
          .isEqualTo(OpenAiProviderTest.sum(answer.usage()));
      assertThat(CallerDialects.of(Surface.ANTHROPIC_MESSAGES).answer(answer)).isNotEmpty();
      read++;
    }
    assertThat(read).isGreaterThan(150);
  }

  private static int functions(JsonNode message) {
    var functions = 0;
    for (var call : message.path("tool_calls")) {
      functions += call.path("function").path("name").asText().isEmpty() ? 0 : 1;
    }
    return functions;
  }

  private static List<byte[]> answers() throws IOException {
    var answers = new ArrayList<byte[]>();
    for (var exchange : Recorded.of("provider-exchanges.jsonl")) {
      if (exchange.status() == 200
          && !exchange.stream()
          && exchange.url().contains("chat/completions")) {
        answers.add(exchange.response());
      }
    }
    for (var folder : FOLDERS) {
      for (Path file : Recorded.files(folder, ".json")) {
        var body = Files.readAllBytes(file);
        if (Json.MAPPER.readTree(body).has("choices")) {
          answers.add(body);
        }
      }
    }
    return answers;
  }

  private Exchange passing() {
    return Exchanged.of(Exchanged.streaming(Surface.OPENAI_CHAT), CHAT, provider);
  }

  private Exchange translating() {
    return Exchanged.of(Exchanged.streaming(Surface.ANTHROPIC_MESSAGES), MESSAGES, provider);
  }

  private Answer assembled(String stream) {
    var reader = provider.stream(Exchanged.streaming(Surface.OPENAI_CHAT));
    var assembler = new AnswerAssembler();
    var parser =
        new EventParser(1 << 20, (event, _) -> reader.read(event).forEach(assembler::take));
    var bytes = Exchanged.bytes(stream);
    parser.take(bytes, 0, bytes.length);
    parser.end();
    return assembler.answer(
        "openai",
        Exchanged.NOW,
        io.penstock.schemas.avro.TokenUsage.newBuilder().setSource(UsageSource.ESTIMATED).build());
  }

  /** Texts in a stream of Messages. */
  private static String texts(String stream) throws IOException {
    var text = new StringBuilder();
    for (var line : stream.lines().toList()) {
      if (line.contains("\"text_delta\"")) {
        text.append(
            Json.MAPPER.readTree(line.substring("data:".length())).at("/delta/text").asText());
      }
    }
    return text.toString();
  }

  private static String said(Answer.Choice choice) {
    var text = new StringBuilder();
    for (var output : choice.outputs()) {
      if (output instanceof Output.Said(var said)) {
        text.append(said);
      }
    }
    return text.toString();
  }

  private static String thought(Answer.Choice choice) {
    var text = new StringBuilder();
    for (var output : choice.outputs()) {
      if (output instanceof Output.Thought(_, var thought, _)) {
        text.append(thought == null ? "" : thought);
      }
    }
    return text.toString();
  }

  private static List<String> calls(Answer.Choice choice) {
    var calls = new ArrayList<String>();
    for (var output : choice.outputs()) {
      if (output instanceof Output.Called called) {
        calls.add(called.name() + ":" + called.arguments());
      }
    }
    return calls;
  }
}
