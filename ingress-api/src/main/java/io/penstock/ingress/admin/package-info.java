/** Shell: what administrators do over HTTP: policy as code, and API keys. */
@NullMarked
package io.penstock.ingress.admin;

import org.jspecify.annotations.NullMarked;
