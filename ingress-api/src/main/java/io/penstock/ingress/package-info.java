/** The ACCEPT stage as a service: HTTP in, requests out; replies and results in, answers out. */
@NullMarked
package io.penstock.ingress;

import org.jspecify.annotations.NullMarked;
