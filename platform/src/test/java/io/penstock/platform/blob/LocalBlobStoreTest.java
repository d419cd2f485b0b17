package io.penstock.platform.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalBlobStoreTest {

  @TempDir private Path directory;
  private BlobStore blobs;

  @SuppressWarnings("NullAway.Init")
  LocalBlobStoreTest() {}

  @BeforeEach
  void open() throws IOException {
    blobs = new LocalBlobStore(directory);
  }

  @Test
  void aBlobIsReadBackWithItsSizeAndDigest() throws IOException {
    var stored = blobs.put("acme/files/f1", "hello".getBytes(UTF_8));

    assertThat(stored)
        .isEqualTo(
            new BlobStore.Stored(
                "acme/files/f1",
                5,
                "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
    assertThat(read("acme/files/f1", 0)).isEqualTo("hello");
    assertThat(blobs.size("acme/files/f1")).isEqualTo(5);
  }

  @Test
  void aClaimSucceedsOnceAndReplacesNothing() throws IOException {
    assertThat(blobs.claim("acme/k", "first".getBytes(UTF_8))).isTrue();
    assertThat(blobs.claim("acme/k", "second".getBytes(UTF_8))).isFalse();

    assertThat(read("acme/k", 0)).isEqualTo("first");
    assertThat(Files.list(directory.resolve(".incoming"))).isEmpty();

    blobs.delete("acme/k");
    assertThat(blobs.claim("acme/k", "third".getBytes(UTF_8))).isTrue();
    assertThat(read("acme/k", 0)).isEqualTo("third");
  }

  @Test
  void readingBeginsAtTheOffset() throws IOException {
    blobs.put("f", "hello".getBytes(UTF_8));

    assertThat(read("f", 3)).isEqualTo("lo");
    assertThat(read("f", 5)).isEmpty();
    assertThat(read("f", 99)).isEmpty();
  }

  @Test
  void anUploadIsInvisibleUntilItsCommit() throws IOException {
    try (var upload = blobs.upload("acme/f")) {
      upload.write("hello".getBytes(UTF_8), 0, 3);
      assertThat(blobs.open("acme/f", 0)).isNull();
      assertThat(blobs.size("acme/f")).isEqualTo(-1);
      upload.write("hello".getBytes(UTF_8), 3, 2);

      upload.commit();

      assertThat(read("acme/f", 0)).isEqualTo("hello");
    }
    assertThat(read("acme/f", 0))
        .as("closing after the commit takes nothing away")
        .isEqualTo("hello");
  }

  @Test
  void anUploadThatIsGivenUpLeavesNothing() throws IOException {
    try (var upload = blobs.upload("acme/f")) {
      upload.write("hello".getBytes(UTF_8), 0, 5);
    }

    assertThat(blobs.open("acme/f", 0)).isNull();
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void aReaderSeesTheOldBytesOrTheNewOnesAndNeverAMixture() throws Exception {
    var old = "a".repeat(200_000);
    var renewed = "b".repeat(100_000);
    blobs.put("f", old.getBytes(UTF_8));
    var writing = new AtomicBoolean(true);
    var writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 50; i++) {
                      blobs.put("f", (i % 2 == 0 ? renewed : old).getBytes(UTF_8));
                    }
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  } finally {
                    writing.set(false);
                  }
                });

    while (writing.get()) {
      var bytes = read("f", 0);
      assertThat(bytes.equals(old) || bytes.equals(renewed)).isTrue();
    }
    writer.join();
  }

  @Test
  void aKeyThatCouldLeaveTheStoreIsRefused() {
    for (var key :
        new String[] {
          "",
          "/",
          "a/",
          "/a",
          "../a",
          "a/../b",
          "a//b",
          ".incoming/x",
          "a/.b",
          "a\\b",
          "a b",
          "ä",
          "a\u0000"
        }) {
      assertThatThrownBy(() -> blobs.upload(key))
          .as(key)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("not a blob key: " + key);
      assertThatThrownBy(() -> blobs.open(key, 0))
          .as(key)
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> blobs.delete(key))
          .as(key)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void keysAreListedByPrefixAndSorted() throws IOException {
    for (var key : new String[] {"acme/b", "acme/a/x", "acme2/c"}) {
      blobs.put(key, new byte[] {1});
    }

    assertThat(blobs.list("acme/")).containsExactly("acme/a/x", "acme/b");
    assertThat(blobs.list("nobody/")).isEmpty();
  }

  @Test
  void aWalkShowsEveryBlobBelowAPrefixOnce() throws Exception {
    for (var key : new String[] {"acme/b", "acme/a/x", "acme2/c"}) {
      blobs.put(key, new byte[] {1, 2});
    }
    var shown = new ArrayList<BlobStore.Found>();

    blobs.walk("acme/", shown::add);
    blobs.walk("nobody/", shown::add);

    assertThat(shown)
        .extracting(BlobStore.Found::key)
        .containsExactlyInAnyOrder("acme/a/x", "acme/b");
    assertThat(shown)
        .allSatisfy(
            found -> {
              assertThat(found.size()).isEqualTo(2);
              assertThat(found.storedAt())
                  .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(1));
            });
  }

  @Test
  void aBlobIsStoredWhileItsDirectoryIsDeletedBecauseItIsEmpty() throws Exception {
    var writing = new AtomicBoolean(true);
    var deleter =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    while (writing.get()) {
                      blobs.delete("answers/r/1");
                    }
                  } catch (IOException e) {
                    throw new AssertionError(e);
                  }
                });

    for (int i = 0; i < 200; i++) {
      blobs.put("answers/r/2", new byte[] {1});
      assertThat(blobs.size("answers/r/2")).isEqualTo(1);
      blobs.put("answers/r/1", new byte[] {1});
      blobs.delete("answers/r/2");
    }
    writing.set(false);
    deleter.join();

    blobs.delete("answers/r/1");
    assertThat(directory.resolve("answers")).doesNotExist();
  }

  @Test
  void deletingTellsWhetherThereWasSomething() throws IOException {
    blobs.put("f", new byte[] {1});

    assertThat(blobs.delete("f")).isTrue();
    assertThat(blobs.delete("f")).isFalse();
    assertThat(blobs.open("f", 0)).isNull();
  }

  @Test
  void leftoversOfAKilledProcessGoAndUploadsOfALivingOneStay() throws IOException {
    var leftover = Files.writeString(directory.resolve(".incoming").resolve("4711-1-1"), "half");
    Files.setLastModifiedTime(leftover, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    try (var upload = blobs.upload("acme/f")) {
      upload.write("hello".getBytes(UTF_8), 0, 5);

      var reopened = new LocalBlobStore(directory);

      assertThat(leftover).doesNotExist();
      upload.commit();
      assertThat(reopened.size("acme/f")).isEqualTo(5);
    }
  }

  private String read(String key, long offset) throws IOException {
    try (var stream = blobs.open(key, offset)) {
      assertThat(stream).isNotNull();
      return new String(stream.readAllBytes(), UTF_8);
    }
  }
}
