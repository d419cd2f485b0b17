/** Typed configuration: an unknown key fails, all errors at once, secrets redacted. */
@NullMarked
package io.penstock.platform.config;

import org.jspecify.annotations.NullMarked;
