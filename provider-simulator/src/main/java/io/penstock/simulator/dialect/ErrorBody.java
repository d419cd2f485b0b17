package io.penstock.simulator.dialect;

import io.penstock.simulator.json.JsonBytes;

/**
 * An error as a provider writes it.
 *
 * @param status the HTTP status; 200 where a dialect hides the error in an answer
 */
public record ErrorBody(int status, Markup markup, JsonBytes body) {
  /** The form of the body. */
  public enum Markup {
    /** An error object. */
    JSON,
    /** A page, from a proxy in front of the provider. */
    HTML
  }

  /** An error object. */
  public static ErrorBody json(int status, JsonBytes.Content content) {
    return new ErrorBody(status, Markup.JSON, JsonBytes.of(512, content));
  }
}
