package io.penstock.simulator.http;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.behaviour.Trouble;
import io.penstock.simulator.calls.CallEnd;
import io.penstock.simulator.dialect.Situation;
import io.penstock.simulator.http.LimitHeaders.Hint;
import io.penstock.simulator.http.Reply.ChatReply;
import io.penstock.simulator.http.Scene.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Acts one call out: errors here, answers in {@link WholePerformance} and {@link
 * StreamPerformance}. Owned by its one thread.
 */
record Performance(Scene scene, Reply reply) {

  /**
   * Does what the fault says.
   *
   * @throws IOException if the client is gone
   * @throws InterruptedException if the simulator dies
   */
  Connection play() throws IOException, InterruptedException {
    var fault = scene.fault().fault();
    var trouble = fault.trouble();
    if (trouble.isPresent()) {
      return error(fault, trouble.get());
    }
    return switch (fault) {
      case HTML_502 -> {
        scene.pause(scene.latencyNanos());
        scene.witness().end(CallEnd.notServed(502, fault));
        scene.exchange().send(502, Names.HTML, Pages.BAD_GATEWAY, Pages.BAD_GATEWAY.length);
        yield Connection.KEPT;
      }
      case RESET_BEFORE_HEAD -> {
        scene.pause(scene.latencyNanos());
        scene.witness().end(CallEnd.notServed(0, fault));
        scene.exchange().reset();
        yield Connection.BROKEN;
      }
      case SILENT -> {
        scene.pause(scene.stall().toNanos());
        scene.witness().end(CallEnd.notServed(0, fault));
        scene.exchange().finish();
        yield Connection.BROKEN;
      }
      default ->
          reply instanceof ChatReply chat && chat.streams()
              ? new StreamPerformance(scene, chat).play()
              : new WholePerformance(scene, reply).play();
    };
  }

  private Connection error(Fault fault, Trouble trouble) throws IOException, InterruptedException {
    if (late(trouble)) {
      scene.pause(scene.latencyNanos());
    }
    var hint = hint(fault, trouble);
    if (hint != Hint.NONE) {
      LimitHeaders.retryAfter(scene.exchange(), hint, scene.retryAfter());
    }
    var told =
        trouble == Trouble.RATE && fault != Fault.RATE_429_BARE
            ? Optional.of(scene.retryAfter())
            : Optional.<Duration>empty();
    var error =
        scene
            .dialect()
            .trouble(
                trouble,
                new Situation(scene.model(), reply.inputTokens(), scene.requestId(), told));
    scene.witness().end(CallEnd.notServed(error.status(), fault));
    if (error.status() == 200 && reply instanceof ChatReply chat && chat.streams()) {
      // What one dialect hides in an answer it hides in a stream as well.
      new StreamPerformance(scene, chat).sendAsOnlyEvent(error.body());
    } else {
      scene.exchange().send(error);
    }
    return Connection.KEPT;
  }

  /**
   * Who refuses a call does so at once; who fails at it does so as late as an answer would come.
   */
  private static boolean late(Trouble trouble) {
    return switch (trouble) {
      case SERVER,
          BAD_GATEWAY,
          OVERLOADED,
          GATEWAY_TIMEOUT,
          OVERLOADED_529,
          REQUEST_TIMEOUT,
          CAPACITY ->
          true;
      case BAD_REQUEST,
          UNAUTHORIZED,
          PAYMENT,
          FORBIDDEN,
          MODEL_UNKNOWN,
          TOO_LARGE,
          RATE,
          MONEY,
          CONTEXT,
          POLICY,
          PREFILL ->
          false;
    };
  }

  private Hint hint(Fault fault, Trouble trouble) {
    return switch (fault) {
      case RATE_429 -> LimitHeaders.usual(scene.dialect().surface());
      case RATE_429_SECONDS -> Hint.SECONDS;
      case RATE_429_DATE -> Hint.DATE;
      case RATE_429_MILLIS -> Hint.MILLIS;
      case RATE_429_BARE -> Hint.NONE;
      default -> scene.retryAfterOrdered() && trouble != Trouble.MONEY ? Hint.BOTH : Hint.NONE;
    };
  }
}
