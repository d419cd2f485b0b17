package io.penstock.ingress.files;

import java.util.List;

/** What files are for, in OpenAI's words. */
final class Purpose {

  static final String BATCH = "batch";

  /** Purposes that a caller may give. */
  static final List<String> GIVEN =
      List.of("assistants", BATCH, "fine-tune", "vision", "user_data", "evals");

  private Purpose() {}
}
