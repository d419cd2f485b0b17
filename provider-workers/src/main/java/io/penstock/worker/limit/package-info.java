/** Pure: how many calls a provider may get now; time is an argument everywhere. */
@NullMarked
package io.penstock.worker.limit;

import org.jspecify.annotations.NullMarked;
