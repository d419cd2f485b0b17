package io.penstock.ingress.jobs;

import io.penstock.schemas.avro.Surface;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The endpoints that lines of a batch may name. */
public final class Endpoints {

  private static final Map<String, Surface> SURFACES =
      new TreeMap<>(
          Map.of(
              "/v1/chat/completions", Surface.OPENAI_CHAT,
              "/v1/embeddings", Surface.OPENAI_EMBEDDINGS));

  private Endpoints() {}

  /** The dialect of an endpoint's bodies; null when batches do not serve it. */
  public static @Nullable Surface surface(String endpoint) {
    return SURFACES.get(endpoint);
  }

  /** All of them, sorted. */
  public static Collection<String> all() {
    return SURFACES.keySet();
  }
}
