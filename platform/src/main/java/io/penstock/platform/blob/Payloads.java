package io.penstock.platform.blob;

import io.penstock.platform.id.Sha256;
import io.penstock.schemas.avro.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Packs bodies into records: inline up to a limit, else a claim check into the blob store.
 * Thread-safe.
 */
public final class Payloads {

  /** Bodies over this many bytes go to the blob store. */
  public static final int INLINE_BYTES_MAX = 256 << 10;

  /** Where large bodies of requests are whose callers wait, by organisation and request. */
  public static final String BODIES = "bodies/";

  /** Where large answers are, by request and call. */
  public static final String ANSWERS = "answers/";

  private final BlobStore blobs;

  public Payloads(BlobStore blobs) {
    this.blobs = blobs;
  }

  /**
   * Packs a body.
   *
   * @param key where it goes in the blob store if it is large
   */
  public Payload pack(String key, byte[] body) throws IOException {
    if (body.length <= INLINE_BYTES_MAX) {
      return new Payload(ByteBuffer.wrap(body), null, (long) body.length, null);
    }
    var stored = blobs.put(key, body);
    return new Payload(null, stored.key(), stored.size(), stored.sha256());
  }

  /**
   * The bytes of a packed body.
   *
   * @throws IOException when the blob is gone, or is not what was stored
   */
  public byte[] unpack(Payload payload) throws IOException {
    var inline = payload.getInline();
    if (inline != null) {
      var bytes = new byte[inline.remaining()];
      inline.duplicate().get(bytes);
      return bytes;
    }
    try (var stream = blobs.open(payload.getBlob(), 0)) {
      if (stream == null) {
        throw new IOException("blob " + payload.getBlob() + " is gone");
      }
      var bytes = stream.readAllBytes();
      if (!Sha256.hex(bytes).equals(payload.getSha256())) {
        throw new IOException("blob " + payload.getBlob() + " is not what was stored");
      }
      return bytes;
    }
  }
}
