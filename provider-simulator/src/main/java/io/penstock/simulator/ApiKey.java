package io.penstock.simulator;

/** A key that callers must send; never printed. */
public record ApiKey(String value) {
  /**
   * @throws IllegalArgumentException if the key is blank
   */
  public ApiKey {
    if (value.isBlank()) {
      throw new IllegalArgumentException("the required API key is blank");
    }
  }

  @Override
  public String toString() {
    return "***";
  }
}
