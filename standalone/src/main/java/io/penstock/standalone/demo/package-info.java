/** The main job on simulated providers, checked against their own call logs. */
@NullMarked
package io.penstock.standalone.demo;

import org.jspecify.annotations.NullMarked;
