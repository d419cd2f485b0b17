package io.penstock.worker.dialect;

import io.penstock.worker.dialect.openai.OpenAiDialect;
import org.jspecify.annotations.Nullable;

/** The dialects there are, by the names that the catalogue uses. */
public final class Dialects {

  private static final Dialect OPENAI = new OpenAiDialect();

  private Dialects() {}

  /** The dialect of a name; null when there is none. */
  public static @Nullable Dialect named(String name) {
    return name.equals("openai") ? OPENAI : null;
  }
}
