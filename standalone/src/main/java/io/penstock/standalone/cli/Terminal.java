package io.penstock.standalone.cli;

import java.io.Console;

/** Whether somebody looks at the output, or it goes into a file or to another program. */
final class Terminal {

  private Terminal() {}

  static boolean isThere() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
