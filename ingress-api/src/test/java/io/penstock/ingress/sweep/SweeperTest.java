package io.penstock.ingress.sweep;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingress.files.FileObject;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.sweep.Standings.Standing;
import io.penstock.platform.blob.LocalBlobStore;
import io.penstock.platform.config.ConfigException;
import io.penstock.platform.config.Section;
import io.penstock.platform.id.Ids;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real disk; time passes by asking later. */
class SweeperTest {

  private static final SweepConfig CONFIG = SweepConfig.of(Section.empty());

  private final Path directory;
  private final LocalBlobStore blobs;
  private final Files files;
  private final Map<String, Standing> batches = new HashMap<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  SweeperTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.blobs = new LocalBlobStore(directory);
    this.files = new Files(blobs, new Ids(), Clock.systemUTC());
  }

  private FileObject file(@Nullable Duration life) throws IOException {
    try (var upload = files.create("acme", "name", "batch", life)) {
      upload.write("content".getBytes(UTF_8), 0, 7);
      return upload.commit();
    }
  }

  private void roundAfter(Duration time) throws Exception {
    new Sweeper(
            blobs,
            files,
            new Garbage(CONFIG, id -> batches.getOrDefault(id, Standing.UNKNOWN)),
            new SweepMetrics(meters),
            () -> {},
            Clock.offset(Clock.systemUTC(), time))
        .round();
  }

  private double swept(String kind) {
    return meters.counter("penstock.accept.swept", "kind", kind).count();
  }

  @Test
  void anExpiredFileGoesWithItsContentAndIsCounted() throws Exception {
    var file = file(Duration.ofHours(1));
    var kept = file(null);

    roundAfter(Duration.ofMinutes(69));
    assertThat(files.kept("acme", file.id())).isNotNull();
    roundAfter(Duration.ofMinutes(71));

    assertThat(files.kept("acme", file.id())).isNull();
    assertThat(blobs.list("file-content/")).containsExactly("file-content/acme/" + kept.id());
    assertThat(swept("file")).isEqualTo(1);
    assertThat(meters.counter("penstock.accept.swept.bytes", "kind", "file").count()).isEqualTo(7);
  }

  @Test
  void whatAKeyStandsForIsForgottenAfterADay() throws Exception {
    blobs.put("file-keys/acme/0a", new byte[] {1});

    roundAfter(Duration.ofHours(23));
    assertThat(blobs.list("file-keys/")).hasSize(1);
    roundAfter(Duration.ofHours(25));

    assertThat(blobs.list("file-keys/")).isEmpty();
    assertThat(swept("key")).isEqualTo(1);
  }

  @Test
  void anInputFileStaysUntilItsBatchHasEndedHoweverLongItHasExpired() throws Exception {
    var file = file(Duration.ofHours(1));
    files.use("acme", file.id(), "batch_1");
    batches.put("batch_1", Standing.UNFINISHED);
    roundAfter(Duration.ofDays(100));
    assertThat(blobs.size("file-content/acme/" + file.id())).isEqualTo(7);

    batches.put("batch_1", Standing.ENDED);
    roundAfter(Duration.ofDays(100));

    assertThat(blobs.list("file-uses/")).isEmpty();
    assertThat(files.kept("acme", file.id())).isNull();
  }

  @Test
  void aFileThatIsDeletedWhileABatchNeedsItIsOutOfSightAtOnceAndGoesLater() throws Exception {
    var file = file(null);
    files.use("acme", file.id(), "batch_1");
    batches.put("batch_1", Standing.UNFINISHED);

    assertThat(files.delete("acme", file.id())).isTrue();

    assertThat(files.find("acme", file.id())).isNull();
    assertThat(files.delete("acme", file.id())).isFalse();
    assertThat(files.kept("acme", file.id())).isNotNull();
    batches.put("batch_1", Standing.ENDED);
    roundAfter(Duration.ofHours(1));
    assertThat(files.kept("acme", file.id())).isNull();
  }

  @Test
  void bodiesAndAnswersGoWhenTheirRecordsHaveAndLeaveNoEmptyDirectories() throws Exception {
    blobs.put("bodies/acme/req_1", new byte[3]);
    blobs.put("answers/req_1/1", new byte[4]);
    blobs.put("batch-bodies/batch_1/7", new byte[5]);
    blobs.put("answers/batch_1-00000007/1", new byte[6]);
    batches.put("batch_1", Standing.UNFINISHED);

    roundAfter(Duration.ofDays(8));
    assertThat(blobs.list("bodies/")).isEmpty();
    assertThat(blobs.list("answers/")).hasSize(2);
    roundAfter(Duration.ofDays(31));
    assertThat(blobs.list("answers/")).containsExactly("answers/batch_1-00000007/1");
    assertThat(blobs.list("batch-bodies/")).hasSize(1);
    batches.put("batch_1", Standing.ENDED);
    roundAfter(Duration.ofDays(31));

    try (var left = java.nio.file.Files.list(directory)) {
      assertThat(left).containsExactly(directory.resolve(".incoming"));
    }
  }

  @Test
  void contentWithoutMetadataGoesAfterADay() throws Exception {
    blobs.put("file-content/acme/file-1", new byte[3]);

    roundAfter(Duration.ofHours(23));
    assertThat(blobs.list("file-content/")).hasSize(1);
    roundAfter(Duration.ofHours(25));

    assertThat(blobs.list("file-content/")).isEmpty();
  }

  @Test
  void retentionOfLessThanADayIsRefused() {
    var section = Section.parse("{answer-retention: 1h, every: 1s, blobs-per-second: 0}");
    SweepConfig.of(section);

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("answer-retention: must be at least 1d")
        .hasMessageContaining("blobs-per-second");
  }
}
