package io.penstock.ingress.sweep;

import io.penstock.ingress.files.FileObject;
import io.penstock.ingress.jobs.LineIds;
import io.penstock.ingress.sweep.Standings.Standing;
import io.penstock.platform.blob.BlobStore.Found;
import java.time.Duration;
import java.time.Instant;

/**
 * Which blobs nobody can ask for any more. Pure. In doubt a blob stays: what a batch needs that has
 * not ended, whatever its age; what belongs to a batch that nobody knows, until its records are
 * gone from the log, too.
 */
final class Garbage {

  /** By how much the clocks of two instances may differ, and something besides. */
  static final Duration SKEW = Duration.ofMinutes(10);

  /** No file is without its metadata for so long, but for one whose upload was killed. */
  static final Duration UPLOAD_MAX = Duration.ofDays(1);

  /** How long an upload may be repeated under its key: as long as calls by default. */
  static final Duration KEY_MEMORY = Duration.ofDays(1);

  private final SweepConfig config;
  private final Standings batches;

  Garbage(SweepConfig config, Standings batches) {
    this.config = config;
    this.batches = batches;
  }

  /** Body of a request whose caller waited: {@code bodies/ORGANISATION/REQUEST}. */
  boolean body(Found found, Instant now) {
    return older(found, config.bodyRetention(), now);
  }

  /** Body of a line: {@code batch-bodies/BATCH/LINE}. */
  boolean batchBody(Found found, Instant now) {
    return ofBatch(segment(found.key(), 1), found, now);
  }

  /** That a batch needs its file: {@code file-uses/ORGANISATION/FILE/BATCH}. */
  boolean use(Found found, Instant now) {
    return ofBatch(segment(found.key(), 3), found, now);
  }

  private boolean ofBatch(String batch, Found found, Instant now) {
    return switch (batches.of(batch)) {
      case UNFINISHED -> false;
      case ENDED -> older(found, SKEW, now);
      case UNKNOWN -> older(found, config.answerRetention(), now);
    };
  }

  /** An answer: {@code answers/REQUEST/CALL}. */
  boolean answer(Found found, Instant now) {
    if (!older(found, config.answerRetention(), now)) {
      return false;
    }
    var batch = LineIds.batchOfRequest(segment(found.key(), 1));
    return batch == null || batches.of(batch) != Standing.UNFINISHED;
  }

  /** A file that nobody needs. */
  boolean file(FileObject file, Instant now) {
    return file.expiresAt() != null
        && now.isAfter(file.expiresAt().plus(SKEW))
        && !beingWritten(file.id());
  }

  /** Content without metadata: {@code file-content/ORGANISATION/FILE}. */
  boolean orphan(Found found, Instant now) {
    return older(found, UPLOAD_MAX, now) && !beingWritten(segment(found.key(), 2));
  }

  /** Which file was made under a key: {@code file-keys/ORGANISATION/KEY}. */
  boolean key(Found found, Instant now) {
    return older(found, KEY_MEMORY, now);
  }

  private boolean beingWritten(String file) {
    var batch = LineIds.batchOfFile(file);
    return batch != null && batches.of(batch) == Standing.UNFINISHED;
  }

  private static boolean older(Found found, Duration than, Instant now) {
    return found.storedAt().plus(than).isBefore(now);
  }

  /** A segment of a key, from 0; empty when it has fewer. */
  static String segment(String key, int index) {
    var segments = key.split("/", -1);
    return index < segments.length ? segments[index] : "";
  }
}
