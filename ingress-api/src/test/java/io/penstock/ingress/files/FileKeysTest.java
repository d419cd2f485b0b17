package io.penstock.ingress.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.files.FileKeys.Claim;
import io.penstock.platform.blob.LocalBlobStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileKeysTest {

  private final FileKeys keys;

  FileKeysTest(@TempDir Path directory) throws IOException {
    this.keys = new FileKeys(new LocalBlobStore(directory));
  }

  @Test
  void aKeyStandsForWhatClaimedItFirst() throws Exception {
    assertThat(keys.find("acme", "k")).isNull();

    assertThat(keys.claim("acme", "k", new Claim("file-1", "a")))
        .isEqualTo(new Claim("file-1", "a"));
    assertThat(keys.claim("acme", "k", new Claim("file-2", "b")))
        .isEqualTo(new Claim("file-1", "a"));

    assertThat(keys.find("acme", "k")).isEqualTo(new Claim("file-1", "a"));
    assertThat(keys.find("other", "k")).isNull();
  }

  @Test
  void ofManyWhoClaimAtOnceOneSucceeds() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var claims =
          threads.invokeAll(
              IntStream.range(0, 50)
                  .mapToObj(
                      i ->
                          (Callable<Claim>)
                              () -> keys.claim("acme", "k", new Claim("file-" + i, "a")))
                  .toList());

      var winners = new HashSet<Claim>();
      for (var claim : claims) {
        winners.add(claim.get());
      }

      assertThat(winners).hasSize(1);
    }
  }
}
