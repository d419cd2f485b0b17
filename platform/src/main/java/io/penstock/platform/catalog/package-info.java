/** The catalogue as every service sees it: an immutable snapshot, kept current by a reader. */
@NullMarked
package io.penstock.platform.catalog;

import org.jspecify.annotations.NullMarked;
