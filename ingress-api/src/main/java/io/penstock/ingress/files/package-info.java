/** Uploaded and produced files: metadata and content over the blob store, and their HTTP routes. */
@NullMarked
package io.penstock.ingress.files;

import org.jspecify.annotations.NullMarked;
