/**
 * What the broker and the registry both keep on disk: a directory of one owner, used by one process
 * at a time.
 */
@NullMarked
package io.penstock.standalone.data;

import org.jspecify.annotations.NullMarked;
