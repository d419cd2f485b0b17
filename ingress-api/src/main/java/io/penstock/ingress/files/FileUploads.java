package io.penstock.ingress.files;

import io.penstock.ingress.http.ApiException;
import io.penstock.ingress.http.DiskReserve;
import io.penstock.schemas.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Receives uploads as they come, straight into the blob store. Thread-safe. */
final class FileUploads {

  private static final int CHUNK_BYTES = 32 << 10;

  /** Boundaries, headers and fields around the file: what a body may be longer than its file. */
  private static final long FORM_BYTES_MAX = 256 << 10;

  private static final int FILENAME_MAX = 255;

  private final Files files;
  private final DiskReserve disk;
  private final long bytesMax;
  private final long batchBytesMax;

  FileUploads(Files files, DiskReserve disk, long bytesMax, long batchBytesMax) {
    this.files = files;
    this.disk = disk;
    this.bytesMax = bytesMax;
    this.batchBytesMax = batchBytesMax;
  }

  /**
   * Receives one upload; the file and the fields may come in any order.
   *
   * @param contentLength -1 when unknown
   * @throws ApiException when the upload is refused; nothing of it is kept
   */
  FileObject receive(String organization, String contentType, long contentLength, InputStream body)
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
      return receive(organization, new MultipartReader(body, boundary));
    } catch (MultipartException e) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST, "The multipart body is malformed: " + e.getMessage() + ".");
    }
  }

  private FileObject receive(String organization, MultipartReader reader) throws IOException {
    var form = new UploadForm();
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
        draft = files.draft(organization);
        copy(reader, draft, form.isBatch() ? batchBytesMax : bytesMax);
      }
      return finished(draft, filename, form);
    } finally {
      if (draft != null) {
        draft.close();
      }
    }
  }

  private FileObject finished(Files.@Nullable Draft draft, String filename, UploadForm form)
      throws IOException {
    var purpose = form.purpose();
    var life = form.life();
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
    return draft.commit(filename, purpose, life);
  }

  private void copy(MultipartReader reader, Files.Draft draft, long limit) throws IOException {
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
