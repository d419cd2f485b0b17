package io.penstock.worker.dialect.azure;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Surface;
import io.penstock.worker.dialect.Headers;
import io.penstock.worker.dialect.ProviderDialect;
import io.penstock.worker.dialect.Reading;
import io.penstock.worker.dialect.canonical.Prompt;
import io.penstock.worker.dialect.openai.OpenAiProvider;
import io.penstock.worker.dialect.responses.ResponsesProvider;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's models at Azure. With a version the model is a deployment in the path; without one it is
 * the {@code v1} surface, which has the deployment in the body as OpenAI has the model. The base
 * address ends with {@code /openai} for both.
 */
public final class AzureProvider implements ProviderDialect {

  /** The first version that has responses; versions are dates. */
  private static final String RESPONSES_SINCE = "2025-03-01";

  private final OpenAiProvider openAi = new OpenAiProvider();
  private final ResponsesProvider responses =
      new ResponsesProvider(
          this,
          endpoint ->
              endpoint.apiVersion() == null
                  ? "/v1/responses"
                  : "/responses" + version(endpoint.apiVersion()));

  @Override
  public String name() {
    return "azure";
  }

  @Override
  public boolean speaks(Surface surface) {
    return openAi.speaks(surface);
  }

  @Override
  public @Nullable ProviderDialect speaking(Surface surface, Endpoint endpoint) {
    if (surface != Surface.OPENAI_RESPONSES) {
      return speaks(surface) ? this : null;
    }
    var version = endpoint.apiVersion();
    return version == null || version.compareTo(RESPONSES_SINCE) >= 0 ? responses : null;
  }

  @Override
  public String path(Surface surface, String upstreamModel, boolean stream, Endpoint endpoint) {
    var path = openAi.path(surface, upstreamModel, stream, endpoint);
    var version = endpoint.apiVersion();
    return version == null
        ? "/v1" + path
        : "/deployments/" + encoded(upstreamModel) + path + version(version);
  }

  private static String version(String version) {
    return "?api-version=" + encoded(version);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public Map<String, String> headers(@Nullable String credential) {
    return credential == null ? Map.of() : Map.of("api-key", credential);
  }

  @Override
  public byte[] passThrough(CallAssigned call, byte[] body, Endpoint endpoint) {
    return openAi.passThrough(call, body, endpoint);
  }

  @Override
  public byte[] request(
      CallAssigned call, Prompt prompt, Endpoint endpoint, Unsupported unsupported) {
    return openAi.request(call, prompt, endpoint, unsupported);
  }

  @Override
  public Read read(CallAssigned call, byte[] body, Instant now) {
    return openAi.read(call, body, now);
  }

  @Override
  public Reading readPassed(CallAssigned call, byte[] request, byte[] body, Instant now) {
    return openAi.readPassed(call, request, body, now);
  }

  @Override
  public StreamReader stream(CallAssigned call) {
    return openAi.stream(call);
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return openAi.readError(status, headers, body, now);
  }

  /** Azure's own id finds the call in its logs; OpenAI's is there, too. */
  @Override
  public @Nullable String providerRequestId(Headers headers) {
    var id = headers.value("apim-request-id");
    return id == null ? openAi.providerRequestId(headers) : id;
  }
}
