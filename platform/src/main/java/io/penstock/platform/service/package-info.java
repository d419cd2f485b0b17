/** Runs one service as a process of its own. */
@NullMarked
package io.penstock.platform.service;

import org.jspecify.annotations.NullMarked;
