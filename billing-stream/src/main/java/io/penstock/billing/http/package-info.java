/** The read API of billing. */
@NullMarked
package io.penstock.billing.http;

import org.jspecify.annotations.NullMarked;
