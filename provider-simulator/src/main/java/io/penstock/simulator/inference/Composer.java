package io.penstock.simulator.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Hash;
import io.penstock.simulator.behaviour.Orders;
import io.penstock.simulator.behaviour.Trait;
import io.penstock.simulator.inference.Answer.Choice;
import io.penstock.simulator.inference.Answer.Finish;
import io.penstock.simulator.inference.Answer.ToolCall;
import io.penstock.simulator.inference.InferenceRequest.Chat;
import io.penstock.simulator.inference.Wishes.Tool;
import io.penstock.simulator.inference.Wishes.Wish;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes the answer to a chat: the same for the same seed and text, whatever the dialect, the model
 * and the instance, so that one instance can go on where another was cut.
 */
public final class Composer {
  /** No ordinary answer is longer, whatever the request allows. */
  public static final int TOKENS_MAX = 4_096;

  private static final double SIGMA = 0.7;
  private static final int THOUGHTS = 12;
  private static final int HUGE_TOKENS = 60_000;
  private static final int DEVIATES_AT = 8;
  private static final int TOOL_SALT = 0x700;
  private static final int THOUGHT_SALT = 0x701;
  private static final int DIFFERENT_SALT = 0x702;
  private static final String REFUSAL = "I'm sorry, but I can't help with that request.";

  private final Chat chat;
  private final Orders orders;
  private final Fault fault;
  private final int tokensMedian;

  private Composer(Chat chat, Orders orders, Fault fault, int tokensMedian) {
    this.chat = chat;
    this.orders = orders;
    this.fault = fault;
    this.tokensMedian = tokensMedian;
  }

  /**
   * The answer.
   *
   * @param tokensMedian of the length; lengths are log-normal
   */
  public static Answer answer(Chat chat, long seed, int tokensMedian, Orders orders, Fault fault) {
    return new Composer(chat, orders, fault, tokensMedian).compose(seed);
  }

  private Answer compose(long seed) {
    long base = Hash.mix(seed, chat.contentHash());
    if (orders.has(Trait.DIFFERENT)) {
      base = Hash.mix(base, DIFFERENT_SALT);
    }
    var choices = new ArrayList<Choice>(chat.choices());
    for (int index = 0; index < chat.choices(); index++) {
      choices.add(choice(Hash.mix(base, index)));
    }
    int cached = orders.has(Trait.CACHED) ? chat.promptTokens() / 2 : 0;
    return new Answer(chat, choices, cached);
  }

  private Choice choice(long hash) {
    if (fault == Fault.EMPTY) {
      return new Choice(Words.NONE, 0, Words.NONE, List.of(), Finish.STOP);
    }
    if (fault == Fault.REFUSAL) {
      return new Choice(Words.NONE, 0, Words.Literal.of(REFUSAL), List.of(), Finish.REFUSED);
    }
    var tools = tools();
    if (!tools.isEmpty()) {
      return calling(tools, hash);
    }
    var wanted = wanted(hash);
    int bound = bound(wanted.tokens());
    var thoughts = thoughts(hash);
    int hidden = chat.wishes().also().contains(Wish.REASONING) ? THOUGHTS - thoughts.tokens() : 0;
    var finish =
        fault == Fault.FILTERED
            ? Finish.FILTERED
            : bound < wanted.tokens() || fault == Fault.LENGTH ? Finish.LENGTH : Finish.STOP;
    return new Choice(thoughts, hidden, wanted.shortenedTo(bound), List.of(), finish);
  }

  private int bound(int wanted) {
    int bound = chat.outputTokensMax().orElse(Integer.MAX_VALUE);
    return fault == Fault.LENGTH || fault == Fault.FILTERED ? Math.min(bound, wanted / 2) : bound;
  }

  private Words wanted(long hash) {
    var wishes = chat.wishes();
    if (fault != Fault.NOT_JSON && fault != Fault.HUGE) {
      if (wishes.schema().isPresent()) {
        return Words.Literal.of(
            fault == Fault.SCHEMA_INVALID
                ? "{\"unexpected\":[null]}"
                : SchemaInstance.of(wishes.schema().get()).toString());
      }
      if (wishes.also().contains(Wish.JSON)) {
        var text = text(hash, Math.min(length(hash), 20));
        var object = JsonNodeFactory.instance.objectNode();
        object.put(
            "answer", new String(text.escaped().copy(), java.nio.charset.StandardCharsets.UTF_8));
        return Words.Literal.of(fault == Fault.SCHEMA_INVALID ? "[]" : object.toString());
      }
    }
    var text = text(hash, length(hash));
    return wishes.prefix().isEmpty() || orders.has(Trait.PREFILL_IGNORED)
        ? text
        : text.after(wishes.prefix());
  }

  private Words.Drawn text(long hash, int tokens) {
    return new Words.Drawn(
        hash,
        tokens,
        orders.has(Trait.UNICODE) || fault == Fault.SPLIT_UTF8
            ? Words.ScriptKind.MANY
            : Words.ScriptKind.LATIN,
        orders.has(Trait.DEVIATING) ? DEVIATES_AT : Integer.MAX_VALUE);
  }

  private int length(long hash) {
    if (fault == Fault.HUGE) {
      return HUGE_TOKENS;
    }
    if (orders.tokens().isPresent()) {
      return orders.tokens().getAsInt();
    }
    double factor = Math.exp(SIGMA * new SplittableRandom(hash).nextGaussian());
    return Math.clamp(Math.round(tokensMedian * factor), 1, TOKENS_MAX);
  }

  private Words thoughts(long hash) {
    return orders.has(Trait.REASONING) || chat.wishes().also().contains(Wish.REASONING_SHOWN)
        ? new Words.Drawn(
            Hash.mix(hash, THOUGHT_SALT), THOUGHTS, Words.ScriptKind.LATIN, Integer.MAX_VALUE)
        : Words.NONE;
  }

  private List<Tool> tools() {
    var wishes = chat.wishes();
    if (wishes.offered().isEmpty()) {
      return List.of();
    }
    var asked = wishes.asked();
    if (orders.has(Trait.TOOLS) || fault == Fault.TOOL_BROKEN) {
      int count = orders.toolCalls().orElse(1);
      asked = new ArrayList<>(count);
      for (int index = 0; index < count; index++) {
        asked.add(wishes.offered().get(index % wishes.offered().size()));
      }
    }
    return wishes.also().contains(Wish.ONE_TOOL_CALL) && asked.size() > 1
        ? asked.subList(0, 1)
        : asked;
  }

  private Choice calling(List<Tool> tools, long hash) {
    var calls = new ArrayList<ToolCall>();
    for (int index = 0; index < tools.size(); index++) {
      var tool = tools.get(index);
      calls.add(new ToolCall(Hash.mix(hash, TOOL_SALT + index), tool.name(), arguments(tool)));
    }
    return new Choice(
        thoughts(hash),
        0,
        Words.NONE,
        calls,
        orders.has(Trait.TOOL_STOP) ? Finish.STOP : Finish.TOOL_CALLS);
  }

  private Words.Literal arguments(Tool tool) {
    if (orders.has(Trait.TOOL_ARGUMENTS_EMPTY)) {
      return Words.Literal.of("");
    }
    var made = SchemaInstance.of(tool.parameters());
    var json = made.isObject() ? made.toString() : "{}";
    return Words.Literal.of(
        fault == Fault.TOOL_BROKEN ? json.substring(0, json.length() / 2) : json);
  }
}
