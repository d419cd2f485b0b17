package io.penstock.ingress.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.penstock.ingress.files.FileObject;
import io.penstock.ingress.files.Files;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.ingress.sweep.MemoryBlobs.Killed;
import io.penstock.ingress.sweep.Standings.Standing;
import io.penstock.platform.blob.Payloads;
import io.penstock.platform.config.Section;
import io.penstock.platform.id.Ids;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files, batches and requests that come and go in random order, sweeps that are killed anywhere,
 * and two laws: nothing is removed that somebody may ask for, and in the end all garbage is.
 */
class SweepSimulationTest {

  private static final int STEPS = 600;
  private static final String ACME = "acme";
  private static final SweepConfig CONFIG = SweepConfig.of(Section.empty());

  /** A batch, and what the job view of the sweeping instance says of it. */
  private static final class Batch {
    final String id;
    final String file;
    final boolean ours;
    final Instant createdAt;
    final List<String> needs = new ArrayList<>();
    boolean ended;

    Batch(String id, String file, boolean ours, Instant createdAt) {
      this.id = id;
      this.file = file;
      this.ours = ours;
      this.createdAt = createdAt;
    }
  }

  private final class Moved extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  private final Clock clock = new Moved();
  private final Map<String, FileObject> owned = new HashMap<>();
  private final Map<String, Batch> batches = new HashMap<>();
  private final Map<String, Instant> answers = new HashMap<>();
  private Instant now = Instant.parse("2026-01-02T03:04:05Z");
  private Random random = new Random(0);
  private MemoryBlobs blobs = new MemoryBlobs(clock, random);
  private Files files = new Files(blobs, new Ids(), clock);
  private int kills;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("penstock.seeds", 30));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingThatIsNeededIsRemovedAndAllElseIsInTheEnd(long seed) throws Exception {
    random = new Random(seed);
    blobs = new MemoryBlobs(clock, random);
    files = new Files(blobs, new Ids(), clock, CONFIG.batchFileRetention());
    for (int step = 0; step < STEPS; step++) {
      now = now.plus(Duration.ofMinutes(random.nextInt(random.nextInt(20) == 0 ? 10_000 : 120)));
      step();
      theNeededIsThere();
    }
    batches.values().forEach(batch -> batch.ended = true);
    now = now.plus(Duration.ofDays(100));
    sweeper().round();
    // what a killed removal had left of a file is an orphan of this day
    now = now.plus(Duration.ofDays(2));
    sweeper().round();

    assertThat(kills).isPositive();
    assertThat(blobs.keys())
        .containsExactlyInAnyOrderElementsOf(
            owned.values().stream()
                .filter(file -> file.expiresAt() == null)
                .flatMap(
                    file ->
                        List.of(
                            Files.METADATA + ACME + "/" + file.id(),
                            Files.CONTENT + ACME + "/" + file.id())
                            .stream())
                .toList());
  }

  private void step() throws Exception {
    switch (random.nextInt(10)) {
      case 0, 1 -> upload();
      case 2 -> killedUpload();
      case 3 -> createBatch();
      case 4 -> work();
      case 5 -> end();
      case 6 -> delete();
      case 7 -> request();
      default -> sweep();
    }
  }

  private void upload() throws IOException {
    var purpose = random.nextBoolean() ? "batch" : "user_data";
    var life = random.nextBoolean() ? Duration.ofHours(1 + random.nextInt(100)) : null;
    try (var upload = files.create(ACME, "name", purpose, life)) {
      upload.write(new byte[] {1}, 0, 1);
      var file = upload.commit();
      owned.put(file.id(), file);
    }
  }

  private void killedUpload() throws IOException {
    blobs.killAfter(1);
    try (var upload = files.create(ACME, "name", "batch", null)) {
      upload.commit();
    } catch (Killed e) {
      kills++;
    } finally {
      blobs.live();
    }
  }

  private void createBatch() throws IOException {
    var file = any(List.copyOf(owned.keySet()));
    if (file == null || files.find(ACME, file) == null) {
      return;
    }
    var id = "batch_" + batches.size();
    files.use(ACME, file, id);
    if (random.nextInt(5) > 0) {
      batches.put(id, new Batch(id, file, random.nextInt(4) > 0, now));
    } // else the process died, and the batch was never created
  }

  /** A line with a large body and a large answer. */
  private void work() throws IOException {
    var batch = any(unfinished());
    if (batch == null) {
      return;
    }
    var line = batch.needs.size() + 1;
    for (var key :
        List.of(
            LineIds.bodies(batch.id) + line,
            Payloads.ANSWERS + LineIds.request(batch.id, line) + "/1")) {
      blobs.put(key, new byte[] {2});
      batch.needs.add(key);
      if (key.startsWith(Payloads.ANSWERS)) {
        answers.put(key, now);
      }
    }
  }

  /** Its output is written: sometimes the first time only by half. */
  private void end() throws IOException {
    var batch = any(unfinished());
    if (batch == null) {
      return;
    }
    blobs.killAfter(random.nextInt(4));
    var life = Duration.ofHours(1 + random.nextInt(100));
    try (var upload =
        files.create(LineIds.outputFile(batch.id), ACME, "output", "batch_output", life)) {
      upload.write(new byte[] {3}, 0, 1);
      var file = upload.commit();
      batch.ended = true;
      owned.put(file.id(), file);
    } catch (Killed e) {
      kills++;
    } finally {
      blobs.live();
    }
  }

  private void delete() throws IOException {
    var file = any(List.copyOf(owned.keySet()));
    if (file != null && random.nextBoolean()) {
      files.delete(ACME, file);
      owned.remove(file);
    }
  }

  /** Of a caller who waits, and whose instance dies before it has tidied up. */
  private void request() throws IOException {
    var id = "req_" + answers.size();
    blobs.put(Payloads.BODIES + ACME + "/" + id, new byte[] {4});
    var answer = Payloads.ANSWERS + id + "/1";
    blobs.put(answer, new byte[] {5});
    answers.put(answer, now);
  }

  private void sweep() throws Exception {
    blobs.killAfter(random.nextBoolean() ? random.nextInt(5) : Integer.MAX_VALUE);
    try {
      sweeper().round();
    } catch (Killed e) {
      kills++;
    } finally {
      blobs.live();
    }
  }

  private Sweeper sweeper() {
    return new Sweeper(
        blobs,
        files,
        new Garbage(CONFIG, this::standing),
        new SweepMetrics(new SimpleMeterRegistry()),
        () -> {},
        clock);
  }

  private Standing standing(String id) {
    var batch = batches.get(id);
    if (batch == null || !batch.ours) {
      return Standing.UNKNOWN;
    }
    return batch.ended ? Standing.ENDED : Standing.UNFINISHED;
  }

  /** Another instance's batch is known to end within a day or so; ours may take for ever. */
  private List<Batch> unfinished() {
    for (var batch : batches.values()) {
      if (!batch.ours && now.isAfter(batch.createdAt.plus(Duration.ofDays(2)))) {
        batch.ended = true;
      }
    }
    return batches.values().stream().filter(batch -> !batch.ended).toList();
  }

  private void theNeededIsThere() throws IOException {
    for (var batch : unfinished()) {
      var input = files.kept(ACME, batch.file);
      assertThat(input).as("input of " + batch.id).isNotNull();
      assertThat(blobs.size(Files.CONTENT + ACME + "/" + batch.file)).isNotNegative();
      assertThat(blobs.keys()).containsAll(batch.needs);
    }
    for (var file : owned.values()) {
      if (file.expiresAt() == null || now.isBefore(file.expiresAt())) {
        assertThat(files.find(ACME, file.id())).isEqualTo(file);
        assertThat(blobs.size(Files.CONTENT + ACME + "/" + file.id())).isNotNegative();
      } else {
        assertThat(files.find(ACME, file.id())).isNull();
      }
    }
    for (var answer : answers.entrySet()) {
      if (now.isBefore(answer.getValue().plus(CONFIG.answerRetention()))) {
        assertThat(blobs.size(answer.getKey())).isNotNegative();
      }
    }
  }

  private <T> @Nullable T any(List<T> of) {
    return of.isEmpty() ? null : of.get(random.nextInt(of.size()));
  }
}
