package io.penstock.billing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.penstock.schemas.TopicSpec;
import io.penstock.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/**
 * Holds {@code docs/asyncapi.yaml} to the schemas and the topic catalogue: the document is what
 * they say, or the build fails. {@code -Dpenstock.golden=write} writes it anew.
 */
final class AsyncApiTest {

  private static final ObjectMapper YAML =
      new ObjectMapper(
          new YAMLFactory()
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS));
  private static final Path FILE = Path.of("../docs/asyncapi.yaml");

  /** A public topic, and what its messages say of themselves. */
  private record Channel(
      String name, String source, String event, String unique, String keyExample) {}

  private static final List<Channel> CHANNELS =
      List.of(
          new Channel("usage", "/penstock/router", "usage-recorded", "usage_id", "acme"),
          new Channel("ledger", "/penstock/billing", "ledger-entry-posted", "entry_id", "acme"),
          new Channel(
              "balances", "/penstock/billing", "balance-changed", "the key", "acme/receivable"));

  @Test
  void theDocumentIsWhatTheSchemasAndTopicsSay() throws IOException {
    var expected = YAML.writeValueAsString(document());
    if ("write".equals(System.getProperty("penstock.golden"))) {
      Files.writeString(FILE, expected);
    }

    assertThat(Files.readString(FILE))
        .as("%s; if the change is meant, run once with -Dpenstock.golden=write", FILE)
        .isEqualTo(expected);
  }

  @Test
  void everyReferenceOfTheDocumentResolves() throws IOException {
    var document = YAML.readTree(Files.readString(FILE));

    assertThat(document.path("asyncapi").asText()).isEqualTo("3.0.0");
    assertThat(document.path("info").path("title").asText()).isNotBlank();
    assertThat(document.path("info").path("version").asText()).isNotBlank();
    var references = new ArrayList<String>();
    collect(document, references);
    assertThat(references)
        .isNotEmpty()
        .allSatisfy(
            reference ->
                assertThat(document.at(reference.substring(1)).isMissingNode())
                    .as(reference)
                    .isFalse());
    for (var operation : document.path("operations")) {
      assertThat(operation.path("action").asText()).isEqualTo("send");
    }
  }

  @Test
  void everyTopicWhoseRecordIsAPublicContractIsInTheDocumentAndNoOther() throws IOException {
    var document = YAML.readTree(Files.readString(FILE));
    var addresses = new ArrayList<String>();
    document.path("channels").forEach(channel -> addresses.add(channel.path("address").asText()));

    assertThat(addresses)
        .containsExactlyInAnyOrderElementsOf(
            new Topics(Topics.DEFAULT_PREFIX)
                .fixed().stream()
                    .filter(
                        spec ->
                            spec.values().stream()
                                .anyMatch(schema -> schema.getDoc().contains("public contract")))
                    .map(TopicSpec::name)
                    .toList());
  }

  /** Rules of the AsyncAPI 3.0.0 specification that concern what this document uses. */
  @Test
  void theDocumentKeepsTheRulesOfAsyncApi() throws IOException {
    var document = YAML.readTree(Files.readString(FILE));

    assertThat(fieldNames(document))
        .isSubsetOf(
            "asyncapi",
            "id",
            "info",
            "servers",
            "defaultContentType",
            "channels",
            "operations",
            "components");
    assertThat(document.path("defaultContentType").asText()).matches("[a-z]+/[a-z0-9.+-]+");
    for (var server : document.path("servers")) {
      assertThat(server.path("host").asText()).isNotBlank();
      assertThat(server.path("protocol").asText()).isNotBlank();
    }
    for (var section : List.of("servers", "channels", "operations")) {
      assertThat(fieldNames(document.path(section)))
          .isNotEmpty()
          .allSatisfy(name -> assertThat(name).matches("[A-Za-z0-9_-]+"));
    }
    var published = new ArrayList<String>();
    for (var operation : document.path("operations")) {
      var channel = operation.path("channel").path("$ref").asText();
      assertThat(channel).startsWith("#/channels/");
      published.add(channel.substring("#/channels/".length()));
      assertThat(operation.path("action").asText()).isIn("send", "receive");
    }
    assertThat(published).containsExactlyElementsOf(fieldNames(document.path("channels")));
    for (var channel : document.path("channels")) {
      assertThat(channel.path("messages")).isNotEmpty();
      for (var message : channel.path("messages")) {
        var reference = message.path("$ref").asText();
        assertThat(reference).startsWith("#/components/messages/");
        var name = reference.substring("#/components/messages/".length());
        assertThat(name).matches("[A-Za-z0-9._-]+");
        assertThat(channel.path("messages").has(name)).isTrue();
      }
    }
    for (var message : document.path("components").path("messages")) {
      assertThat(message.path("headers").path("type").asText()).isEqualTo("object");
      assertThat(fieldNames(message.path("headers").path("properties")))
          .containsAll(texts(message.path("headers").path("required")));
      assertThat(message.path("payload").path("schemaFormat").asText())
          .matches("application/vnd\\.apache\\.avro(\\+json|\\+yaml)?;version=1\\.9\\.0");
      // what is written down is a schema that Avro reads, and the one that is used
      var schema = new Schema.Parser().parse(message.path("payload").path("schema").toString());
      assertThat(schema.getName()).isEqualTo(message.path("name").asText());
    }
  }

  private static List<String> fieldNames(JsonNode node) {
    var names = new ArrayList<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static List<String> texts(JsonNode node) {
    var texts = new ArrayList<String>();
    node.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  @Test
  void everyFieldOfAPublicRecordIsDescribed() throws IOException {
    var document = YAML.readTree(Files.readString(FILE));

    for (var message : document.path("components").path("messages")) {
      for (var field : message.path("payload").path("schema").path("fields")) {
        assertThat(field.path("doc").asText()).as(field.path("name").asText()).isNotBlank();
      }
    }
  }

  private static void collect(JsonNode node, List<String> references) {
    if (node.has("$ref")) {
      references.add(node.path("$ref").asText());
    }
    node.forEach(child -> collect(child, references));
  }

  private static ObjectNode document() throws IOException {
    var document = YAML.createObjectNode();
    document.put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "Penstock: usage, ledger, balances")
        .put("version", "1.0.0")
        .put(
            "description",
            "The public topics. Values are Avro in Confluent wire format (a zero byte, four bytes of schema id, the"
                + " record); schemas evolve FULL_TRANSITIVE. Read with isolation.level=read_committed. Amounts are"
                + " whole nano-USD (1e-9 USD). Topic names have the prefix of the installation, penstock. by default.");
    document.put("defaultContentType", "application/avro");
    document
        .putObject("servers")
        .putObject("broker")
        .put("host", "broker:9092")
        .put("protocol", "kafka")
        .put("description", "Any Kafka cluster that Penstock runs on.")
        .putObject("bindings")
        .putObject("kafka")
        .put("schemaRegistryUrl", "http://registry:8081")
        .put("schemaRegistryVendor", "confluent")
        .put("bindingVersion", "0.5.0");
    var channels = document.putObject("channels");
    var operations = document.putObject("operations");
    var messages = document.putObject("components").putObject("messages");
    for (var channel : CHANNELS) {
      var spec = spec(channel.name());
      var schema = spec.values().getFirst();
      channels.set(channel.name(), channel(spec, schema));
      var operation = operations.putObject("publish-" + channel.name());
      operation.put("action", "send");
      operation.putObject("channel").put("$ref", "#/channels/" + channel.name());
      operation.put("summary", schema.getDoc());
      messages.set(schema.getName(), message(channel, spec, schema));
    }
    return document;
  }

  private static TopicSpec spec(String name) {
    var topics = new Topics(Topics.DEFAULT_PREFIX);
    return topics.fixed().stream()
        .filter(spec -> spec.name().equals(Topics.DEFAULT_PREFIX + name))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode channel(TopicSpec spec, Schema schema) {
    var node = YAML.createObjectNode();
    node.put("address", spec.name());
    node.putObject("messages")
        .putObject(schema.getName())
        .put("$ref", "#/components/messages/" + schema.getName());
    var binding = node.putObject("bindings").putObject("kafka");
    binding.put("topic", spec.name());
    var configuration = binding.putObject("topicConfiguration");
    configuration.putArray("cleanup.policy").add(spec.cleanup().policy());
    configuration.put("retention.ms", spec.retention().toMillis());
    binding.put("bindingVersion", "0.5.0");
    return node;
  }

  private static ObjectNode message(Channel channel, TopicSpec spec, Schema schema)
      throws IOException {
    var node = YAML.createObjectNode();
    node.put("name", schema.getName());
    node.put("title", schema.getDoc());
    node.put("summary", "Unique by " + channel.unique() + ".");
    node.put("contentType", "application/avro");
    node.set("headers", headers(channel));
    var payload = node.putObject("payload");
    payload.put("schemaFormat", "application/vnd.apache.avro+json;version=1.9.0");
    payload.set("schema", new ObjectMapper().readTree(schema.toString()));
    var binding = node.putObject("bindings").putObject("kafka");
    var key = binding.putObject("key");
    key.put("type", "string").put("description", spec.key());
    key.putArray("examples").add(channel.keyExample());
    binding
        .put("schemaIdLocation", "payload")
        .put("schemaIdPayloadEncoding", "confluent")
        .put("schemaLookupStrategy", "TopicNameStrategy")
        .put("bindingVersion", "0.5.0");
    return node;
  }

  /** What is here {@code const} is tested with the records that carry it. */
  private static ObjectNode headers(Channel channel) {
    var headers = YAML.createObjectNode();
    headers.put("type", "object");
    var required = headers.putArray("required");
    var properties = headers.putObject("properties");
    var constants =
        Map.of(
            "ce_specversion",
            "1.0",
            "ce_source",
            channel.source(),
            "ce_type",
            "io.penstock." + channel.event(),
            "content-type",
            "application/avro");
    for (var name :
        List.of("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type")) {
      required.add(name);
      var property = properties.putObject(name).put("type", "string");
      if (name.equals("ce_time")) {
        property.put("format", "date-time");
      }
      // a correction on usage comes from billing
      if (constants.containsKey(name)
          && !(channel.name().equals("usage") && name.equals("ce_source"))) {
        property.put("const", constants.get(name));
      }
    }
    properties
        .putObject("traceparent")
        .put("type", "string")
        .put("description", "W3C trace context of the request, where there is one.");
    return headers;
  }
}
