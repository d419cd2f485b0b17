/** What several tests of ingress need. */
@NullMarked
package io.penstock.ingress.testing;

import org.jspecify.annotations.NullMarked;
