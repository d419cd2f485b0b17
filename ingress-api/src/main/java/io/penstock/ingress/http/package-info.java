/** Shell: routes, authentication, error envelopes, and the callers who wait for replies. */
@NullMarked
package io.penstock.ingress.http;

import org.jspecify.annotations.NullMarked;
