package io.penstock.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.penstock.simulator.SimulatorConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The official client, unchanged, and an Avro consumer that knows nothing of ours but two
 * addresses.
 */
class OpenAiClientTest {

  private static final int LINES = 200;

  @TempDir private static Path directory;
  private static Installed penstock;

  @BeforeAll
  static void start() throws Exception {
    penstock = Installed.start(directory, SimulatorConfig.standard());
  }

  @AfterAll
  static void stop() {
    penstock.close();
  }

  @Test
  void theOfficialClientUploadsRunsAndDownloadsABatchAndAnyAvroConsumerReadsItsUsage()
      throws Exception {
    var client = client(penstock.key("alpha"));
    var input = Installed.lines(directory.resolve("input.jsonl"), LINES);

    var file =
        client
            .files()
            .create(FileCreateParams.builder().file(input).purpose(FilePurpose.BATCH).build());
    var created =
        client
            .batches()
            .create(
                BatchCreateParams.builder()
                    .inputFileId(file.id())
                    .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                    .completionWindow(BatchCreateParams.CompletionWindow._24H)
                    .build());
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> client.batches().retrieve(created.id()).status().equals(Batch.Status.COMPLETED));
    var batch = client.batches().retrieve(created.id());

    assertThat(batch.requestCounts().orElseThrow().completed()).isEqualTo(LINES);
    assertThat(batch.requestCounts().orElseThrow().failed()).isZero();
    try (var content = client.files().content(batch.outputFileId().orElseThrow())) {
      var lines =
          new String(content.body().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      var ids = new HashSet<String>();
      for (var line : lines) {
        var json = Installed.JSON.readTree(line);
        assertThat(json.path("response").path("status_code").asInt()).isEqualTo(200);
        ids.add(json.path("custom_id").asText());
      }
      assertThat(lines).hasSize(LINES);
      assertThat(ids).hasSize(LINES);
    }
    assertThat(usageOf(batch.id()))
        .hasSize(LINES)
        .allSatisfy(usage -> assertThat((long) usage.get("charge_nano_usd")).isPositive());
  }

  @Test
  void theOfficialClientGetsAChatCompletion() throws Exception {
    var client = client(penstock.key("alpha"));

    var completion =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("fast")
                    .addUserMessage("Say hello.")
                    .maxCompletionTokens(16)
                    .build());

    assertThat(completion.choices().getFirst().message().content().orElseThrow()).isNotBlank();
    assertThat(completion.usage().orElseThrow().totalTokens()).isPositive();
  }

  private static OpenAIClient client(String key) {
    return OpenAIOkHttpClient.builder().baseUrl(penstock.url() + "/v1").apiKey(key).build();
  }

  private static List<GenericRecord> usageOf(String batch) {
    var kafka = penstock.node().platform().kafka().settings();
    var settings = new HashMap<String, Object>(kafka.client());
    settings.put("bootstrap.servers", kafka.bootstrapServers());
    settings.put("group.id", "finance");
    settings.put("auto.offset.reset", "earliest");
    settings.put("isolation.level", "read_committed");
    settings.put("key.deserializer", StringDeserializer.class);
    settings.put("value.deserializer", KafkaAvroDeserializer.class);
    settings.put("schema.registry.url", kafka.registryUrl());
    var found = new ArrayList<GenericRecord>();
    try (var consumer = new KafkaConsumer<String, GenericRecord>(settings)) {
      consumer.subscribe(List.of("penstock.usage"));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () -> {
                consumer
                    .poll(Duration.ofMillis(200))
                    .forEach(
                        record -> {
                          if (record.value().get("job") != null
                              && record.value().get("job").toString().equals(batch)) {
                            found.add(record.value());
                          }
                        });
                return found.size() >= LINES;
              });
    }
    return found;
  }
}
