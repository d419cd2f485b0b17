package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.Continuation;
import io.penstock.schemas.avro.ContinueBy;
import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.CallerDialect.StreamStart;
import io.penstock.worker.dialect.ProviderDialect.Read;
import io.penstock.worker.dialect.canonical.Message;
import io.penstock.worker.dialect.canonical.Message.Output;
import io.penstock.worker.dialect.canonical.Prompt;
import java.time.Instant;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** Caller and provider speak different languages, or a stream is gone on with. */
final class TranslatedExchange implements Exchange {

  private final Conversation conversation;
  private final byte[] body;
  private final Outgoing outgoing;

  private TranslatedExchange(Conversation conversation, byte[] body, Outgoing outgoing) {
    this.conversation = conversation;
    this.body = body;
    this.outgoing = outgoing;
  }

  static TranslatedExchange of(
      CallAssigned call, byte[] body, ProviderDialect provider, ProviderDialect.Endpoint endpoint) {
    var caller = CallerDialects.of(call.getSurface());
    var prompt = caller.prompt(body);
    var continuation = call.getContinuation();
    if (continuation != null && continuation.getBy() == ContinueBy.PREFILL) {
      prompt = begun(prompt, SeenBefore.text(continuation));
    }
    var unsupported = new UnsupportedPolicy(call.getPolicy(), provider.name());
    var request = provider.request(call, prompt, endpoint, unsupported);
    var format = prompt.format();
    return new TranslatedExchange(
        new Conversation(call, caller, provider, () -> format),
        body,
        new Outgoing(
            provider.path(call.getSurface(), call.getUpstreamModel(), prompt.stream(), endpoint),
            provider.headers(null),
            request,
            prompt.stream(),
            unsupported.warnings()));
  }

  /** The prompt with the beginning of its answer at the end. */
  private static Prompt begun(Prompt prompt, String text) {
    if (text.isEmpty()) {
      return prompt;
    }
    var messages = new ArrayList<>(prompt.messages());
    var outputs = new ArrayList<Output>();
    if (!messages.isEmpty() && messages.getLast() instanceof Message.Assistant(var begun)) {
      // the caller began it already
      outputs.addAll(begun);
      messages.removeLast();
    }
    if (!outputs.isEmpty() && outputs.getLast() instanceof Output.Said(var said)) {
      outputs.removeLast();
      outputs.add(new Output.Said(said + text));
    } else {
      outputs.add(new Output.Said(text));
    }
    messages.add(new Message.Assistant(outputs));
    return prompt.withMessages(messages);
  }

  @Override
  public Outgoing outgoing() {
    return outgoing;
  }

  @Override
  public Reading read(byte[] body, Instant now) {
    return switch (conversation.provider().read(conversation.call(), body, now)) {
      case Read.Failed(var failure, var usage) -> new Reading.Failed(failure, usage);
      case Read.Answered(var answer) -> {
        var failure = conversation.judge(answer);
        yield failure == null
            ? Readings.usable(answer, conversation.caller().answer(answer))
            : new Reading.Failed(failure, answer.usage());
      }
    };
  }

  @Override
  public StreamExchange stream(Instant now) {
    var start = start(conversation.call().getContinuation(), now);
    var usageAsked = UsageQuestion.asked(conversation.call().getSurface(), body);
    var outlet = new TranslatedOutlet(conversation.caller().stream(start), usageAsked);
    return new Relay(conversation, outlet, now);
  }

  private static StreamStart start(@Nullable Continuation continuation, Instant now) {
    if (continuation == null) {
      return StreamStart.fresh(now);
    }
    var delivered = continuation.getDelivered();
    return new StreamStart(
        delivered.getAnswerId(),
        delivered.getAnswerModel(),
        delivered.getAnswerAt(),
        delivered.getEvents(),
        SeenBefore.text(continuation));
  }

  @Override
  public Reading.Failed readError(int status, Headers headers, byte[] body, Instant now) {
    return conversation.provider().readError(status, headers, body, now);
  }

  @Override
  public TokenUsage estimate(long outputBytes) {
    return UsageEstimate.of(
        conversation.call().getFacts(), outputBytes == 0 ? null : (Long) outputBytes, null);
  }

  @Override
  public @Nullable String providerRequestId(Headers headers) {
    return conversation.provider().providerRequestId(headers);
  }
}
