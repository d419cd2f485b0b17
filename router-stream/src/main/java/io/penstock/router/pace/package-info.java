/** Pure: limits on the pace of requests, and how near to them a request comes. */
@NullMarked
package io.penstock.router.pace;

import org.jspecify.annotations.NullMarked;
