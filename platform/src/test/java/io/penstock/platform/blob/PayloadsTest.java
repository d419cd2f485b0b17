package io.penstock.platform.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PayloadsTest {

  @TempDir private Path directory;
  private BlobStore blobs;
  private Payloads payloads;

  @SuppressWarnings("NullAway.Init")
  PayloadsTest() {}

  @BeforeEach
  void open() throws IOException {
    blobs = new LocalBlobStore(directory);
    payloads = new Payloads(blobs);
  }

  private static byte[] body(int size) {
    var body = new byte[size];
    Arrays.fill(body, (byte) 'x');
    return body;
  }

  @Test
  void aBodyUpToTheLimitTravelsInTheRecord() throws IOException {
    var body = body(Payloads.INLINE_BYTES_MAX);

    var payload = payloads.pack("bodies/b1", body);

    assertThat(payload.getInline()).isNotNull();
    assertThat(payload.getBlob()).isNull();
    assertThat(payload.getSize()).isEqualTo(body.length);
    assertThat(blobs.size("bodies/b1")).isEqualTo(-1);
    assertThat(payloads.unpack(payload)).isEqualTo(body);
    assertThat(payloads.unpack(payload)).as("reading does not use it up").isEqualTo(body);
  }

  @Test
  void aLargerBodyTravelsAsAReferenceWithItsDigest() throws IOException {
    var body = body(Payloads.INLINE_BYTES_MAX + 1);

    var payload = payloads.pack("bodies/b1", body);

    assertThat(payload.getInline()).isNull();
    assertThat(payload.getBlob()).isEqualTo("bodies/b1");
    assertThat(payload.getSha256()).hasSize(64);
    assertThat(payload.getSize()).isEqualTo(body.length);
    assertThat(payloads.unpack(payload)).isEqualTo(body);
  }

  @Test
  void aBlobThatWasChangedIsRefused() throws IOException {
    var payload = payloads.pack("bodies/b1", body(Payloads.INLINE_BYTES_MAX + 1));
    blobs.put("bodies/b1", body(Payloads.INLINE_BYTES_MAX));

    assertThatThrownBy(() -> payloads.unpack(payload))
        .isInstanceOf(IOException.class)
        .hasMessage("blob bodies/b1 is not what was stored");
  }

  @Test
  void aBlobThatIsGoneIsRefused() throws IOException {
    var payload = payloads.pack("bodies/b1", body(Payloads.INLINE_BYTES_MAX + 1));
    blobs.delete("bodies/b1");

    assertThatThrownBy(() -> payloads.unpack(payload))
        .isInstanceOf(IOException.class)
        .hasMessage("blob bodies/b1 is gone");
  }

  @Test
  void anEmptyBodyIsABody() throws IOException {
    assertThat(payloads.unpack(payloads.pack("bodies/b1", new byte[0]))).isEmpty();
  }
}
