package io.penstock.worker.dialect;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Exchanges recorded at real providers. They lie beside the project, or not at all: then tests
 * skip.
 */
public final class Recorded {

  private static final Path FOLDER = Path.of("../../shared/data/recorded");

  private Recorded() {}

  /** One exchange. */
  public record Exchange(String url, int status, Headers headers, byte[] response, boolean stream) {
    /** For test names. */
    @Override
    public String toString() {
      return status + " " + url;
    }
  }

  /** All exchanges of a file; ends the test as skipped when the file is not there. */
  public static List<Exchange> of(String file) {
    var path = FOLDER.resolve(file);
    Assumptions.assumeTrue(
        Files.isReadable(path), () -> "skipped: recorded exchanges are not at " + path);
    try (var lines = Files.lines(path)) {
      return lines.map(Recorded::exchange).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Exchange exchange(String line) {
    try {
      var node = Json.MAPPER.readTree(line);
      var headers = new HashMap<String, String>();
      node.path("response_headers")
          .properties()
          .forEach(header -> headers.put(header.getKey(), header.getValue().asText()));
      return new Exchange(
          node.path("url").asText(),
          node.path("status").asInt(),
          Headers.of(headers),
          bytes(node.path("response")),
          node.path("stream").asBoolean());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(JsonNode response) {
    return (response.isTextual() ? response.asText() : response.toString())
        .getBytes(StandardCharsets.UTF_8);
  }
}
