package io.penstock.standalone.cli;

import io.penstock.standalone.client.ApiClient;
import io.penstock.standalone.client.ApiClientException;
import io.penstock.standalone.node.Endpoint;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which Penstock a command talks to: by default the one that uses the data directory on this
 * machine.
 */
final class ServerOptions {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "penstock-data",
      description = "Data directory of a Penstock on this machine (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("penstock-data");

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "${env:PENSTOCK_URL}",
      description = "Address of another Penstock; also PENSTOCK_URL.")
  private @Nullable URI url;

  @Option(
      names = "--key",
      paramLabel = "KEY",
      defaultValue = "${env:PENSTOCK_API_KEY}",
      description =
          "API key; also PENSTOCK_API_KEY. By default the administrator's of the data directory.")
  private @Nullable String key;

  Path data() {
    return data;
  }

  ApiClient client() {
    var local = Endpoint.of(data);
    var address =
        url != null ? url : local.map(Endpoint::url).orElse(URI.create("http://127.0.0.1:8080"));
    var secret = key != null ? key : local.map(Endpoint::adminKey).orElse(null);
    if (secret == null) {
      throw new ApiClientException(
          "no API key: give --key or PENSTOCK_API_KEY, or the data directory of a running `penstock up` with --data");
    }
    return new ApiClient(address, secret);
  }
}
