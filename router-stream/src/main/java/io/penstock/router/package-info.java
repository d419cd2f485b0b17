/**
 * Start-up and configuration of the router: requests, outcomes and retries in; calls, results and
 * usage out.
 */
@NullMarked
package io.penstock.router;

import org.jspecify.annotations.NullMarked;
