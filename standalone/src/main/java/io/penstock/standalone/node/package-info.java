/** All four services in one process, with the log and the registry beside them. */
@NullMarked
package io.penstock.standalone.node;

import org.jspecify.annotations.NullMarked;
