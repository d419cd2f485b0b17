package io.penstock.ingress.files;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.id.Sha256;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which file was made under which {@code Idempotency-Key} of an organisation: a small blob for each
 * key, claimed before its file is there. Thread-safe.
 */
final class FileKeys {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlobStore blobs;

  FileKeys(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * What a key stands for.
   *
   * @param file id of the file; it may not be there yet, or no longer
   * @param fingerprint tells the same upload from another one
   */
  record Claim(String file, String fingerprint) {}

  /** What a key stands for; null for nothing yet. */
  @Nullable Claim find(String organization, String key) throws IOException {
    try (var stream = blobs.open(blob(organization, key), 0)) {
      if (stream == null) {
        return null;
      }
      var json = JSON.readTree(stream);
      return new Claim(json.path("file").asText(), json.path("fingerprint").asText());
    }
  }

  /**
   * Lets a key stand for something, unless it does already.
   *
   * @return what it stands for now
   */
  Claim claim(String organization, String key, Claim wanted) throws IOException {
    var json =
        JSON.createObjectNode().put("file", wanted.file()).put("fingerprint", wanted.fingerprint());
    if (blobs.claim(blob(organization, key), JSON.writeValueAsBytes(json))) {
      return wanted;
    }
    var other = find(organization, key);
    // one that was forgotten at this very moment has outlived its time: ours is not worse
    return other == null ? wanted : other;
  }

  private static String blob(String organization, String key) {
    return Files.KEYS + organization + "/" + Sha256.hex(key);
  }
}
