/** Pure: reads the price lists that others publish, and writes them as ours. */
@NullMarked
package io.penstock.standalone.prices;

import org.jspecify.annotations.NullMarked;
