package io.penstock.ingress.files;

import io.penstock.ingress.files.FileKeys.Claim;
import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.platform.id.Sha256;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Receives uploads as they come, straight into the blob store. Thread-safe. */
final class FileUploads {

  private static final int CHUNK_BYTES = 32 << 10;

  /** Boundaries, headers and fields around the file: what a body may be longer than its file. */
  private static final long FORM_BYTES_MAX = 256 << 10;

  private static final int FILENAME_MAX = 255;

  private final Files files;
  private final FileKeys keys;
  private final DiskReserve disk;
  private final long bytesMax;
  private final long batchBytesMax;

  FileUploads(Files files, DiskReserve disk, long bytesMax, long batchBytesMax) {
    this.files = files;
    this.keys = files.keys();
    this.disk = disk;
    this.bytesMax = bytesMax;
    this.batchBytesMax = batchBytesMax;
  }

  /**
   * What an upload has come to.
   *
   * @param repeated whether the file was there before, by an earlier upload under the same key
   */
  record Received(FileObject file, boolean repeated) {}

  /**
   * Receives one upload; the file and the fields may come in any order. A repeated one is read to
   * its end, too: only then is it known to be the same.
   *
   * @param idempotencyKey null when there is none
   * @param contentLength -1 when unknown
   * @throws ApiException when the upload is refused; nothing of it is kept
   */
  Received receive(
      String organization,
      @Nullable String idempotencyKey,
      String contentType,
      long contentLength,
      InputStream body)
      throws IOException {
    if (contentLength > bytesMax + FORM_BYTES_MAX) {
      throw tooLarge(bytesMax);
    }
    disk.requireFor(Math.max(0, contentLength));
    try {
      var boundary = Boundary.of(contentType);
      if (boundary == null) {
        throw new ApiException(
            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
            "A file must be uploaded as Content-Type: multipart/form-data.");
      }
      return receive(organization, idempotencyKey, new MultipartReader(body, boundary));
    } catch (MultipartException e) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "The multipart body is malformed: " + e.getMessage() + ".");
    }
  }

  private Received receive(
      String organization, @Nullable String idempotencyKey, MultipartReader reader)
      throws IOException {
    var form = new UploadForm();
    var digest = idempotencyKey == null ? null : Sha256.begin();
    var before = idempotencyKey == null ? null : keys.find(organization, idempotencyKey);
    Files.Draft draft = null;
    String filename = "";
    try {
      for (var part = reader.nextPart(); part != null; part = reader.nextPart()) {
        if (!part.name().equals("file")) {
          form.field(part.name(), reader.text(UploadForm.FIELD_BYTES_MAX));
          continue;
        }
        if (draft != null) {
          throw new ApiException(
              ErrorCode.INVALID_REQUEST, "file", "Only one file may be uploaded at a time.");
        }
        filename = cleaned(part.filename());
        draft =
            before == null ? files.draft(organization) : files.draft(before.file(), organization);
        copy(reader, draft, digest, form.isBatch() ? batchBytesMax : bytesMax);
      }
      var finished = finished(draft, form);
      if (idempotencyKey == null || digest == null) {
        return new Received(finished.commit(filename, form.purpose(), form.life()), false);
      }
      var own = new Claim(finished.id(), fingerprint(filename, form, digest));
      var claim = before == null ? keys.claim(organization, idempotencyKey, own) : before;
      return once(organization, claim, own, finished, filename, form);
    } finally {
      if (draft != null) {
        draft.close();
      }
    }
  }

  /**
   * Keeps what was uploaded under a key, unless it is there.
   *
   * @param claim what the key stands for
   * @param own what it would stand for, were this upload the first
   */
  private Received once(
      String organization,
      Claim claim,
      Claim own,
      Files.Draft draft,
      String filename,
      UploadForm form)
      throws IOException {
    if (!claim.fingerprint().equals(own.fingerprint())) {
      throw new ApiException(
          ErrorCode.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key was used for another upload.");
    }
    var there = files.find(organization, claim.file());
    if (there != null) {
      return new Received(there, true);
    }
    if (!claim.file().equals(draft.id())) {
      throw new ApiException(
          ErrorCode.NOT_READY, "The same file is being stored at this moment; ask again.");
    }
    // it is the first; or the first was killed before its end, or its file is gone: the same bytes
    // under the same id
    return new Received(draft.commit(filename, form.purpose(), form.life()), false);
  }

  /** Of all that makes a file: its name, purpose, life, content. */
  private static String fingerprint(String filename, UploadForm form, MessageDigest content) {
    var digest = Sha256.begin();
    for (var text : new String[] {filename, form.purpose(), String.valueOf(form.life())}) {
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
    }
    return HexFormat.of().formatHex(digest.digest(content.digest()));
  }

  private Files.Draft finished(Files.@Nullable Draft draft, UploadForm form) {
    form.check();
    if (draft == null) {
      throw new ApiException(
          ErrorCode.MISSING_REQUIRED_PARAMETER, "file", "Missing required parameter: 'file'.");
    }
    if (draft.bytes() == 0) {
      throw new ApiException(ErrorCode.INVALID_REQUEST, "file", "The file is empty.");
    }
    if (form.isBatch() && draft.bytes() > batchBytesMax) {
      throw tooLarge(batchBytesMax);
    }
    return draft;
  }

  private void copy(
      MultipartReader reader, Files.Draft draft, @Nullable MessageDigest digest, long limit)
      throws IOException {
    var chunk = new byte[CHUNK_BYTES];
    for (int count = reader.read(chunk, 0, chunk.length);
        count >= 0;
        count = reader.read(chunk, 0, chunk.length)) {
      if (draft.bytes() + count > limit) {
        throw tooLarge(limit);
      }
      // others fill the disk meanwhile, and not every upload says before how long it is
      disk.requireFor(0);
      draft.write(chunk, 0, count);
      if (digest != null) {
        digest.update(chunk, 0, count);
      }
    }
  }

  /** The last segment of what may be a path, without control characters. */
  private static String cleaned(@Nullable String filename) {
    var name = filename == null ? "" : filename.replaceAll("\\p{Cntrl}", "");
    name = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    if (name.length() > FILENAME_MAX) {
      name = name.substring(0, FILENAME_MAX);
    }
    return name.isBlank() ? "upload" : name;
  }

  private static ApiException tooLarge(long limit) {
    return new ApiException(
        ErrorCode.REQUEST_TOO_LARGE,
        "file",
        "The file is larger than the limit of " + limit + " bytes.");
  }
}
