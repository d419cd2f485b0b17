package io.penstock.ingress.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.penstock.platform.blob.BlobStore;
import io.penstock.platform.id.Ids;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Files of organisations: content and a small JSON of metadata as two blobs each. The metadata is
 * written last and removed first, so a file is there whole or not at all. Thread-safe.
 *
 * <p>Ids sort by time, so a listing needs the metadata of its own page only.
 */
public final class Files {

  /** Where metadata is kept, by organisation and id. */
  public static final String METADATA = "file-metadata/";

  /** Where contents are kept, by organisation and id. */
  public static final String CONTENT = "file-content/";

  /** Where it is kept who needs a file, by organisation, id and user. */
  public static final String USES = "file-uses/";

  /** Where it is kept which file was made under which {@code Idempotency-Key}. */
  public static final String KEYS = "file-keys/";

  private static final Set<String> OF_BATCHES = Set.of("batch", "batch_output");
  private static final Pattern ID = Pattern.compile("file-[a-z0-9][a-z0-9_-]{0,99}");
  private static final Pattern ORGANIZATION = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final BlobStore blobs;
  private final Ids ids;
  private final Clock clock;
  private final @Nullable Duration batchFileRetention;

  /** Files that stay unless their owner says otherwise. */
  public Files(BlobStore blobs, Ids ids, Clock clock) {
    this(blobs, ids, clock, null);
  }

  /**
   * Files.
   *
   * @param batchFileRetention life of input and output of batches whose owner says nothing else;
   *     null to keep them
   */
  public Files(BlobStore blobs, Ids ids, Clock clock, @Nullable Duration batchFileRetention) {
    this.blobs = blobs;
    this.ids = ids;
    this.clock = clock;
    this.batchFileRetention = batchFileRetention;
  }

  /** A page of a listing. */
  public record Page(List<FileObject> files, boolean more) {}

  /** An organisation's file; null when it has none of this id, or the file has expired. */
  public @Nullable FileObject find(String organization, String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return null;
    }
    var file = read(organization, id);
    return file == null || expired(file, clock.instant()) ? null : file;
  }

  /**
   * An organisation's file, even if it has expired or was deleted meanwhile: for a batch that was
   * created over it. Null when nothing of it is left.
   */
  public @Nullable FileObject kept(String organization, String id) throws IOException {
    return ID.matcher(id).matches() ? read(organization, id) : null;
  }

  /** A file whose metadata is at a key of the blob store; null when there is none. */
  public @Nullable FileObject at(String metadataKey) throws IOException {
    try (var stream = blobs.open(metadataKey, 0)) {
      return stream == null ? null : file(JSON.readTree(stream));
    }
  }

  /**
   * Keeps a file from being removed for as long as somebody needs it; what needs it no longer, the
   * sweeper knows.
   *
   * @param user name of who needs it
   */
  public void use(String organization, String id, String user) throws IOException {
    blobs.put(key(USES, organization, id) + "/" + user, new byte[0]);
  }

  /** Whether somebody needs a file. */
  public boolean used(String organization, String id) throws IOException {
    return !blobs.list(key(USES, organization, id) + "/").isEmpty();
  }

  /**
   * Begins a file with a new id.
   *
   * @param expiresAfter life from now; null to keep it
   */
  public FileUpload create(
      String organization, String filename, String purpose, @Nullable Duration expiresAfter)
      throws IOException {
    return create(
        ids.next("file-", clock.instant()), organization, filename, purpose, expiresAfter);
  }

  /**
   * Begins a file whose id the caller chose, replacing an older one: for output that may be written
   * twice.
   *
   * @param id {@code file-} and then lower-case letters, digits, dashes
   */
  public FileUpload create(
      String id,
      String organization,
      String filename,
      String purpose,
      @Nullable Duration expiresAfter)
      throws IOException {
    var draft = draft(id, organization);
    return new FileUpload() {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        draft.write(bytes, offset, length);
      }

      @Override
      public FileObject commit() throws IOException {
        return draft.commit(filename, purpose, expiresAfter);
      }

      @Override
      public void close() throws IOException {
        draft.close();
      }
    };
  }

  /** Which file was made under which key. */
  FileKeys keys() {
    return new FileKeys(blobs);
  }

  /** Begins a file of which only the content is known yet. */
  Draft draft(String organization) throws IOException {
    return draft(ids.next("file-", clock.instant()), organization);
  }

  /** Begins a file of an id, of which only the content is known yet. */
  Draft draft(String id, String organization) throws IOException {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("not a file id: " + id);
    }
    return new Draft(id, organization, blobs.upload(key(CONTENT, organization, id)));
  }

  /** Content of a new file on its way; closing without commit leaves nothing behind. One thread. */
  final class Draft implements AutoCloseable {

    private final String id;
    private final String organization;
    private final BlobStore.Upload upload;
    private long bytes;

    private Draft(String id, String organization, BlobStore.Upload upload) {
      this.id = id;
      this.organization = organization;
      this.upload = upload;
    }

    String id() {
      return id;
    }

    void write(byte[] source, int offset, int length) throws IOException {
      upload.write(source, offset, length);
      bytes += length;
    }

    /** Bytes written so far. */
    long bytes() {
      return bytes;
    }

    FileObject commit(String filename, String purpose, @Nullable Duration expiresAfter)
        throws IOException {
      var createdAt = clock.instant();
      var life =
          expiresAfter == null && OF_BATCHES.contains(purpose) ? batchFileRetention : expiresAfter;
      var expiresAt = life == null ? null : createdAt.plus(life);
      var stored = upload.commit();
      var file =
          new FileObject(id, organization, stored.size(), createdAt, expiresAt, filename, purpose);
      blobs.put(key(METADATA, organization, id), metadata(file));
      return file;
    }

    @Override
    public void close() throws IOException {
      upload.close();
    }
  }

  /**
   * Content from a byte offset on.
   *
   * @throws FileNotFoundException when it has been deleted in the meantime
   */
  public InputStream open(FileObject file, long offset) throws IOException {
    var content = blobs.open(key(CONTENT, file.organization(), file.id()), offset);
    if (content == null) {
      throw new FileNotFoundException("file " + file.id() + " is gone");
    }
    return content;
  }

  /**
   * Deletes a file for its owner; false when there was none. While somebody needs it, it is only no
   * longer to be seen.
   */
  public boolean delete(String organization, String id) throws IOException {
    var file = find(organization, id);
    if (file == null) {
      return false;
    }
    if (!used(organization, id)) {
      return remove(organization, id);
    }
    var expired =
        new FileObject(
            file.id(),
            organization,
            file.bytes(),
            file.createdAt(),
            clock.instant(),
            file.filename(),
            file.purpose());
    blobs.put(key(METADATA, organization, id), metadata(expired));
    return true;
  }

  /** Removes all of a file; false when there was none. */
  public boolean remove(String organization, String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return false;
    }
    var existed = blobs.delete(key(METADATA, organization, id));
    blobs.delete(key(CONTENT, organization, id));
    return existed;
  }

  /**
   * An organisation's files by age.
   *
   * @param purpose null for all
   * @param after id of the last file of the page before; null for the first page
   * @param limit files at most
   * @param order oldest or newest first
   */
  public Page list(
      String organization, @Nullable String purpose, @Nullable String after, int limit, Order order)
      throws IOException {
    var page = new ArrayList<FileObject>();
    var now = clock.instant();
    var found = new ArrayList<>(blobs.list(METADATA + checked(organization) + "/"));
    if (order == Order.NEWEST_FIRST) {
      Collections.reverse(found);
    }
    for (var key : found) {
      var id = key.substring(key.lastIndexOf('/') + 1);
      if (after != null && !beyond(id, after, order)) {
        continue;
      }
      var file = read(organization, id);
      if (file == null
          || expired(file, now)
          || (purpose != null && !purpose.equals(file.purpose()))) {
        continue;
      }
      if (page.size() == limit) {
        return new Page(List.copyOf(page), true);
      }
      page.add(file);
    }
    return new Page(List.copyOf(page), false);
  }

  /** Order of a listing. */
  public enum Order {
    OLDEST_FIRST,
    NEWEST_FIRST
  }

  private static boolean beyond(String id, String after, Order order) {
    var comparison = id.compareTo(after);
    return order == Order.OLDEST_FIRST ? comparison > 0 : comparison < 0;
  }

  private static boolean expired(FileObject file, Instant now) {
    return file.expiresAt() != null && !now.isBefore(file.expiresAt());
  }

  private @Nullable FileObject read(String organization, String id) throws IOException {
    return at(key(METADATA, organization, id));
  }

  private static FileObject file(JsonNode json) {
    var expires = json.path("expires_at_ms");
    return new FileObject(
        json.path("id").asText(),
        json.path("organization").asText(),
        json.path("bytes").asLong(),
        Instant.ofEpochMilli(json.path("created_at_ms").asLong()),
        expires.isNumber() ? Instant.ofEpochMilli(expires.asLong()) : null,
        json.path("filename").asText(),
        json.path("purpose").asText());
  }

  private static byte[] metadata(FileObject file) throws JsonProcessingException {
    var json = JSON.createObjectNode();
    json.put("id", file.id());
    json.put("organization", file.organization());
    json.put("bytes", file.bytes());
    json.put("created_at_ms", file.createdAt().toEpochMilli());
    if (file.expiresAt() != null) {
      json.put("expires_at_ms", file.expiresAt().toEpochMilli());
    }
    json.put("filename", file.filename());
    json.put("purpose", file.purpose());
    return JSON.writeValueAsBytes(json);
  }

  private static String key(String prefix, String organization, String id) {
    return prefix + checked(organization) + "/" + id;
  }

  private static String checked(String organization) {
    // an organisation is part of a path: a bad one must fail here, not read somebody else's
    // directory
    if (!ORGANIZATION.matcher(organization).matches()) {
      throw new IllegalArgumentException("not an organisation id: " + organization);
    }
    return organization;
  }
}
