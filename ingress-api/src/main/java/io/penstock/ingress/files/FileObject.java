package io.penstock.ingress.files;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file as its owner sees it; immutable.
 *
 * @param id {@code file-…}
 * @param organization its owner; nobody else sees that it exists
 * @param bytes size of the content
 * @param expiresAt null when it stays
 * @param purpose {@code batch}, {@code batch_output}, …
 */
public record FileObject(
    String id,
    String organization,
    long bytes,
    Instant createdAt,
    @Nullable Instant expiresAt,
    String filename,
    String purpose) {}
