package io.penstock.standalone.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.standalone.client.ApiClientException.Again;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Talks to a Penstock exactly as any OpenAI client would. Thread-safe. */
public final class ApiClient implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(10);
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERROR = 500;
  private static final String BOUNDARY = "penstock-boundary-7f2c9a51d84b4e0f";

  private final URI base;
  private final String key;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  /**
   * Prepares a client; nothing is sent yet.
   *
   * @param base such as {@code http://127.0.0.1:8080}
   * @param key secret of an API key
   */
  public ApiClient(URI base, String key) {
    this.base = base;
    this.key = key;
  }

  /**
   * Uploads a file for a batch, streaming it from disk.
   *
   * @return the file object
   */
  public JsonNode uploadBatchFile(Path file) throws IOException, InterruptedException {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new ApiClientException(
          "cannot read " + file + ": is the path right, and is it yours to read?");
    }
    var head =
        "--"
            + BOUNDARY
            + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--"
            + BOUNDARY
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
            + safe(file.getFileName().toString())
            + "\"\r\nContent-Type: application/jsonl\r\n\r\n";
    var tail = "\r\n--" + BOUNDARY + "--\r\n";
    var body =
        BodyPublishers.concat(
            BodyPublishers.ofString(head), fileBody(file), BodyPublishers.ofString(tail));
    return json(
        request("/v1/files")
            .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
            .POST(body));
  }

  /** Creates a batch over an uploaded file. */
  public JsonNode createBatch(String file, String endpoint)
      throws IOException, InterruptedException {
    var body =
        JSON.createObjectNode()
            .put("input_file_id", file)
            .put("endpoint", endpoint)
            .put("completion_window", "24h");
    return post("/v1/batches", body);
  }

  public JsonNode batch(String id) throws IOException, InterruptedException {
    return json(request("/v1/batches/" + id).GET());
  }

  /**
   * The newest batches, newest first.
   *
   * @param limit at most this many, 1 to 100
   */
  public JsonNode batches(int limit) throws IOException, InterruptedException {
    return json(request("/v1/batches?limit=" + limit).GET());
  }

  public JsonNode cancelBatch(String id) throws IOException, InterruptedException {
    return json(request("/v1/batches/" + id + "/cancel").POST(BodyPublishers.noBody()));
  }

  /** The content of a file, to be closed by the caller. */
  public InputStream content(String file) throws IOException, InterruptedException {
    var response =
        send(request("/v1/files/" + file + "/content").GET(), BodyHandlers.ofInputStream());
    if (response.statusCode() / 100 != 2) {
      try (var body = response.body()) {
        throw refused(response.statusCode(), body.readAllBytes());
      }
    }
    return response.body();
  }

  /** Publishes a catalogue file; answers with the difference. */
  public JsonNode apply(String yaml, Dry dry) throws IOException, InterruptedException {
    return apply(yaml, dry, Jumps.REFUSED);
  }

  public JsonNode apply(String yaml, Dry dry, Jumps jumps)
      throws IOException, InterruptedException {
    var path =
        "/v1/admin/catalog?dry_run="
            + (dry == Dry.RUN)
            + "&allow_jumps="
            + (jumps == Jumps.ALLOWED);
    return json(
        request(path)
            .header("Content-Type", "application/yaml")
            .POST(BodyPublishers.ofString(yaml)));
  }

  /** Whether published prices may change by more than a slip would. */
  public enum Jumps {
    ALLOWED,
    REFUSED
  }

  /** Whether {@link #apply} only shows the difference. */
  public enum Dry {
    RUN,
    NO
  }

  public JsonNode post(String path, ObjectNode body) throws IOException, InterruptedException {
    return json(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
  }

  /**
   * Makes a key that may use models; only an administrator's key may.
   *
   * @return its secret, which nobody is ever told again
   */
  public String createKey(String name, String organization)
      throws IOException, InterruptedException {
    var body =
        JSON.createObjectNode()
            .put("name", name)
            .put("organization", organization)
            .put("role", "user");
    return post("/v1/admin/keys", body).path("secret").asText();
  }

  public JsonNode fetch(String path) throws IOException, InterruptedException {
    return json(request(path).GET());
  }

  /** The bytes of an answer, whatever they are. */
  public byte[] download(String path) throws IOException, InterruptedException {
    var response = send(request(path).GET(), BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), response.body());
    }
    return response.body();
  }

  /** Whether the server takes work. */
  public boolean ready() throws IOException, InterruptedException {
    return send(request("/health/ready").GET(), BodyHandlers.discarding()).statusCode() == 200;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(base.resolve(path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + key);
  }

  private JsonNode json(HttpRequest.Builder request) throws IOException, InterruptedException {
    var response = send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw refused(response.statusCode(), response.body());
    }
    return JSON.readTree(response.body());
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws IOException, InterruptedException {
    try {
      return http.send(request.build(), handler);
    } catch (ConnectException e) {
      throw new ApiClientException(
          "nothing answers at "
              + base
              + ": start it with `penstock up`, or name another with --url",
          Again.LATER);
    } catch (HttpTimeoutException e) {
      throw new ApiClientException(
          base + " did not answer within " + TIMEOUT.toMinutes() + " minutes", Again.LATER);
    } catch (IOException e) {
      throw new ApiClientException(
          "the connection to " + base + " broke before the answer: was it stopped? ask again",
          Again.LATER);
    }
  }

  private static ApiClientException refused(int status, byte[] body) {
    try {
      var error = JSON.readTree(body).path("error");
      if (error.isObject()) {
        return new ApiClientException(
            error.path("message").asText()
                + " ("
                + status
                + " "
                + error.path("code").asText("")
                + ")",
            again(status));
      }
    } catch (IOException e) {
      // not ours: the status has to do
    }
    return new ApiClientException(
        "the server answered " + status + " without an explanation", again(status));
  }

  private static Again again(int status) {
    return status == TOO_MANY_REQUESTS || status >= SERVER_ERROR ? Again.LATER : Again.USELESS;
  }

  private static BodyPublisher fileBody(Path file) throws FileNotFoundException {
    return BodyPublishers.ofFile(file);
  }

  private static String safe(String name) {
    return name.replaceAll("[\"\\r\\n\\\\]", "_");
  }

  @Override
  public void close() {
    http.close();
  }
}
