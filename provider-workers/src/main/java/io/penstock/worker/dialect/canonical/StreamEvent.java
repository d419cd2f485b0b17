package io.penstock.worker.dialect.canonical;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * One step of an answer that comes piece by piece. Choices and the tool calls of a choice are
 * numbered from 0, each by itself; text needs no start.
 */
public sealed interface StreamEvent {

  /** The answer begins; comes once, first. */
  record Started(String id, String model) implements StreamEvent {}

  /** More text. */
  record Text(int choice, String text) implements StreamEvent {}

  /** More of the model's own refusal. */
  record Refusal(int choice, String text) implements StreamEvent {}

  /** More readable reasoning. */
  record Thought(int choice, String text) implements StreamEvent {}

  /**
   * The opaque state of the reasoning so far, complete; a new thought may begin after it.
   *
   * @param provider dialect that made it
   */
  record ThoughtState(int choice, String provider, JsonNode state) implements StreamEvent {}

  /**
   * A tool call begins.
   *
   * @param tool number of the call within the choice
   * @param state opaque state of the provider that belongs to the call; absent when there is none
   */
  record ToolStarted(int choice, int tool, String id, String name, @Nullable JsonNode state)
      implements StreamEvent {}

  /** More of a tool call's arguments: a piece of JSON text. */
  record ToolArguments(int choice, int tool, String fragment) implements StreamEvent {}

  /**
   * A choice is complete.
   *
   * @param nativeFinish the provider's own word; absent when it gave none
   * @param stopSequence the stop text that was met; absent when none
   */
  record Finished(
      int choice,
      Answer.Finish finish,
      @Nullable String nativeFinish,
      @Nullable String stopSequence)
      implements StreamEvent {}

  /** Usage of the whole answer so far; the last word counts, never the sum. */
  record Used(TokenUsage usage) implements StreamEvent {}

  /** The provider says that it failed. */
  record Broken(Failure failure) implements StreamEvent {}

  /** The provider's own mark that nothing follows. */
  record Ended() implements StreamEvent {}
}
