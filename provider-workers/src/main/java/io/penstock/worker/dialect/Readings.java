package io.penstock.worker.dialect;

import io.penstock.worker.dialect.canonical.Answer;

/** From answers to what the engine needs to know of them. */
final class Readings {

  private Readings() {}

  /**
   * An answer that the caller can use.
   *
   * @param body the answer in the caller's language
   */
  static Reading.Usable usable(Answer answer, byte[] body) {
    var finish = answer.choices().isEmpty() ? null : answer.choices().getFirst().finish().openAi();
    return new Reading.Usable(answer.usage(), finish, body);
  }
}
