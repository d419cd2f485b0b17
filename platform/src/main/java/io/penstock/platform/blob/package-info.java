/** Bytes that are too large for a record: a claim check with SHA-256. */
@NullMarked
package io.penstock.platform.blob;

import org.jspecify.annotations.NullMarked;
