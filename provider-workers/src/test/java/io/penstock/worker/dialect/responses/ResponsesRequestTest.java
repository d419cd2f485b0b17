package io.penstock.worker.dialect.responses;

import static io.penstock.worker.dialect.responses.Samples.bytes;
import static io.penstock.worker.dialect.responses.Samples.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.penstock.worker.dialect.UnsupportedCallException;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Message.Part;
import io.penstock.worker.dialect.canonical.Message.Source;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.canonical.Prompt.OutputFormat;
import io.penstock.worker.dialect.canonical.Prompt.Reasoning;
import io.penstock.worker.dialect.canonical.Prompt.Tool;
import io.penstock.worker.dialect.canonical.Prompt.ToolChoice;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsesRequestTest {

  private static Prompt prompt(String body) {
    return new ResponsesCaller().prompt(bytes(body));
  }

  private static Part text(String text) {
    return new Part.Text(text, null);
  }

  @Test
  void aTextIsWhatTheUserSaysAndInstructionsComeFirst() {
    var prompt = prompt("{\"model\":\"m\",\"instructions\":\"Be kind.\",\"input\":\"hi\"}");

    assertThat(prompt.messages())
        .containsExactly(
            new Message.Instructions(List.of(text("Be kind."))),
            new Message.User(List.of(text("hi"))));
    assertThat(prompt.extras()).isEmpty();
    assertThat(prompt.format()).isEqualTo(new OutputFormat.Text());
  }

  @Test
  void itemsOfTheModelInARowAreOneMessageAndCallsAreKnownByTheirCallId() {
    var prompt =
        prompt(
            """
            {"input":[
             {"role":"developer","content":"Be brief."},
             {"type":"message","role":"user","content":[
               {"type":"input_text","text":"Look","prompt_cache_breakpoint":{"mode":"explicit"}},
               {"type":"input_image","image_url":"data:image/png;base64,AA==","detail":"low"},
               {"type":"input_file","filename":"a.pdf","file_data":"AA=="},
               {"type":"input_file","file_id":"file-1"}]},
             {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],
              "encrypted_content":"gAAA"},
             {"type":"message","role":"assistant","content":[
               {"type":"output_text","text":"Let me see.","annotations":[]}]},
             {"type":"function_call","id":"fc_1","call_id":"call_1","name":"a","arguments":"{}"},
             {"type":"function_call","call_id":"call_2","name":"b","arguments":""},
             {"type":"function_call_output","call_id":"call_1","output":"one"},
             {"type":"function_call_output","call_id":"call_2","output":[
               {"type":"input_text","text":"two"}]},
             {"role":"assistant","content":"Done."}]}""");

    assertThat(prompt.messages())
        .containsExactly(
            new Message.Instructions(List.of(text("Be brief."))),
            new Message.User(
                List.of(
                    new Part.Text("Look", json("{\"type\":\"ephemeral\"}")),
                    new Part.Image(new Source.Inline("image/png", "AA=="), "low"),
                    new Part.Document("a.pdf", new Source.Inline("application/pdf", "AA==")),
                    new Part.Document(null, new Source.ProviderFile("file-1")))),
            new Message.Assistant(
                List.of(
                    new Output.Thought(
                        "openai",
                        "hm",
                        json(
                            """
                            {"type":"reasoning","id":"rs_1","encrypted_content":"gAAA",
                             "summary":[{"type":"summary_text","text":"hm"}]}""")),
                    new Output.Said("Let me see."),
                    new Output.Called("call_1", "a", "{}", null),
                    new Output.Called("call_2", "b", "{}", null))),
            new Message.ToolResult("call_1", "a", List.of(text("one")), false),
            new Message.ToolResult("call_2", "b", List.of(text("two")), false),
            new Message.Assistant(List.of(new Output.Said("Done."))));
  }

  @Test
  void theFormatOfTheTextIsKept() {
    var prompt =
        prompt(
            """
            {"input":"x","text":{"verbosity":"low","format":{"type":"json_schema","name":"n",
             "schema":{"type":"object"},"strict":true}}}""");

    assertThat(prompt.format())
        .isEqualTo(new OutputFormat.JsonSchema("n", json("{\"type\":\"object\"}"), true));
    assertThat(prompt.extras()).isEqualTo(Map.of("verbosity", TextNode.valueOf("low")));
    assertThat(prompt("{\"text\":{\"format\":{\"type\":\"json_object\"}}}").format())
        .isEqualTo(new OutputFormat.JsonObject());
  }

  @Test
  void parametersHaveTheirPlacesAndOthersAreNamed() {
    var prompt =
        prompt(
            """
            {"input":"x","stream":true,"max_output_tokens":7,"temperature":0.70,"top_p":1,
             "tools":[{"type":"function","name":"a","description":"A.","strict":true,
                       "parameters":{"type":"object"}}],
             "tool_choice":{"type":"function","name":"a"},"parallel_tool_calls":false,
             "reasoning":{"effort":"high","summary":"auto"},"user":"u","service_tier":"flex",
             "store":false,"background":false,"truncation":"disabled","metadata":{"a":"b"},
             "include":["reasoning.encrypted_content"],"top_logprobs":2,"max_tool_calls":3,
             "prompt_cache_key":"k","moderation":{"model":"m"}}""");

    assertThat(prompt.stream()).isTrue();
    assertThat(prompt.outputTokensMax()).isEqualTo(7);
    assertThat(prompt.sampling().temperature()).isEqualTo(new BigDecimal("0.70"));
    assertThat(prompt.tools())
        .containsExactly(new Tool("a", "A.", json("{\"type\":\"object\"}"), true));
    assertThat(prompt.toolChoice()).isEqualTo(new ToolChoice.Named("a"));
    assertThat(prompt.parallelTools()).isFalse();
    assertThat(prompt.reasoning()).isEqualTo(new Reasoning("high", null, true));
    assertThat(prompt.endUser()).isEqualTo("u");
    assertThat(prompt.serviceTier()).isEqualTo("flex");
    assertThat(prompt.extras())
        .isEqualTo(
            Map.of(
                "logprobs",
                BooleanNode.TRUE,
                "top_logprobs",
                IntNode.valueOf(2),
                "prompt_cache_key",
                TextNode.valueOf("k"),
                "moderation",
                json("{\"model\":\"m\"}")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          previous_response_id | {"input":"x","previous_response_id":"resp_1"}
          conversation         | {"input":"x","conversation":"conv_1"}
          prompt               | {"prompt":{"id":"p"}}
          tools                | {"input":"x","tools":[{"type":"web_search"}]}
          tool_choice          | {"input":"x","tool_choice":{"type":"web_search"}}
          text.format          | {"input":"x","text":{"format":{"type":"grammar"}}}
          input[0].type        | {"input":[{"type":"item_reference","id":"x"}]}
          input[0].content[0].type | {"input":[{"role":"user","content":[{"type":"video"}]}]}
          temperature          | {"input":"x","temperature":"hot"}
          """)
  void whatCannotBeSaidElsewhereIsRefusedByItsName(String parameter, String body) {
    assertThatThrownBy(() -> prompt(body))
        .isInstanceOfSatisfying(
            UnsupportedCallException.class,
            refused -> assertThat(refused.parameter()).isEqualTo(parameter));
  }

  @Test
  void aBodyThatIsNoObjectIsRefused() {
    assertThatThrownBy(() -> prompt("[]")).hasMessage("the body is not a JSON object");
  }

  @Test
  void statesOfOtherProvidersAreNotPassedOnToOpenAi() {
    var foreign = new Sealed("gemini", TextNode.valueOf("s"), null).seal();
    var body =
        "{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\""
            + foreign
            + "\"},{\"type\":\"reasoning\",\"encrypted_content\":\"gAAA\"}]}";

    assertThat(json(ResponsesReader.withoutForeignState(bytes(body))))
        .isEqualTo(json("{\"input\":[{\"type\":\"reasoning\",\"encrypted_content\":\"gAAA\"}]}"));
    var untouched = bytes("{ \"input\" : \"penstock.\" }");
    assertThat(ResponsesReader.withoutForeignState(untouched)).isSameAs(untouched);
  }
}
