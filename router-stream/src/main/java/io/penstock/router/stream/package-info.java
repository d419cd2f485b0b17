/** Shell: the topology, its processor and its stores. */
@NullMarked
package io.penstock.router.stream;

import org.jspecify.annotations.NullMarked;
