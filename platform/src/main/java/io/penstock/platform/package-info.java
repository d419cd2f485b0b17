/** What every service needs once, and no policy. */
@NullMarked
package io.penstock.platform;

import org.jspecify.annotations.NullMarked;
