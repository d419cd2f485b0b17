package io.penstock.simulator.openai;

import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.openai.InferenceRequest.Chat;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What a chat will be answered, before a byte of it is written. */
public record ChatAnswer(Chat request, List<Choice> choices) {
  /** No answer is longer, whatever the request allows. */
  public static final int TOKENS_MAX = 4_096;

  private static final double SIGMA = 0.7;

  /**
   * One of the answers.
   *
   * @param textHash the text, as {@link AnswerText} spells it
   * @param tokens how many of its tokens
   */
  public record Choice(long textHash, int tokens, Finish finish) {}

  /** Why an answer ends. */
  public enum Finish {
    /** It was over. */
    STOP("stop"),
    /** The caller's bound was reached. */
    LENGTH("length");

    private final String wireName;

    Finish(String wireName) {
      this.wireName = wireName;
    }

    String wireName() {
      return wireName;
    }
  }

  /**
   * The answer to a chat: the same for the same seed, model and messages.
   *
   * @param tokensMedian of the length; lengths are log-normal
   */
  public static ChatAnswer of(Chat request, long seed, int tokensMedian) {
    long base = Hash.mix(Hash.mix(seed, Hash.of(request.model())), request.contentHash());
    var choices = new ArrayList<Choice>(request.choices());
    for (int index = 0; index < request.choices(); index++) {
      long textHash = Hash.mix(base, index);
      double factor = Math.exp(SIGMA * new SplittableRandom(textHash).nextGaussian());
      int wanted = Math.clamp(Math.round(tokensMedian * factor), 1, TOKENS_MAX);
      int bound = request.outputTokensMax().orElse(TOKENS_MAX);
      choices.add(
          new Choice(
              textHash, Math.min(wanted, bound), wanted > bound ? Finish.LENGTH : Finish.STOP));
    }
    return new ChatAnswer(request, choices);
  }

  /** The same answer without a word. */
  public ChatAnswer emptied() {
    return new ChatAnswer(
        request,
        choices.stream().map(choice -> new Choice(choice.textHash(), 0, Finish.STOP)).toList());
  }

  /** The tokens of all choices. */
  public int outputTokens() {
    int sum = 0;
    for (var choice : choices) {
      sum += choice.tokens();
    }
    return sum;
  }
}
