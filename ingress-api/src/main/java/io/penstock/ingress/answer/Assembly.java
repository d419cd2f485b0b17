package io.penstock.ingress.answer;

import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import io.penstock.schemas.avro.ReplyHead;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts the pieces of one answer in order, whatever comes twice, late, early or from elsewhere.
 * Pieces of two calls follow each other only where the later call goes on with the numbers of the
 * earlier one; anything else breaks the answer, because a caller must never see a mixture of two.
 * Not thread-safe.
 */
public final class Assembly {

  /** Pieces that may wait for one before them. */
  static final int WAITING_MAX = 1024;

  private static final int OK = 200;

  /** Where the answer stands. */
  public sealed interface State {

    /** More is to come. */
    record Open() implements State {}

    /** All pieces have been handed out. */
    record Complete(ReplyFinished end) implements State {}

    /** It ended with an error, or with a whole answer instead of a stream. */
    record Ended(ReplyFinished end) implements State {}

    /** It cannot go on; why, for the log. */
    record Broken(String reason) implements State {}
  }

  /** One call: two calls of the same number are told apart by their start. */
  private record Call(int attempt, @Nullable Instant startedAt) {}

  /** From which piece on a call has been handed out. */
  private record Stretch(int from, Call call) {}

  private final TreeMap<Integer, ReplyChunk> waiting = new TreeMap<>();
  private final List<Stretch> stretches = new ArrayList<>(1);
  private int next;
  private @Nullable ReplyHead head;
  private @Nullable ReplyFinished end;
  private State state = new State.Open();

  /** Where the answer stands. */
  public State state() {
    return state;
  }

  /** What the first call said of itself; null before its first piece. */
  public @Nullable ReplyHead head() {
    return head;
  }

  /** Pieces handed out. */
  public int pieces() {
    return next;
  }

  /** Bytes that wait for a piece before them. */
  public long waitingBytes() {
    long bytes = 0;
    for (var piece : waiting.values()) {
      bytes += piece.getData().remaining();
    }
    return bytes;
  }

  /**
   * Takes a piece.
   *
   * @return what can be handed out now, in order; often nothing, or one
   */
  public List<ByteBuffer> piece(ReplyChunk piece) {
    if (!(state instanceof State.Open) || piece.getSequence() < 0) {
      return List.of();
    }
    var call = call(piece);
    var last = stretches.isEmpty() ? null : stretches.getLast().call();
    if (last != null) {
      if (call.attempt() < last.attempt()) {
        return List.of(); // of a call that another one has taken over from
      }
      if (call.attempt() == last.attempt() && !call.equals(last)) {
        return broken("a call was made twice, and both answered");
      }
    }
    if (piece.getSequence() < next) {
      return call.equals(deliverer(piece.getSequence()))
          ? List.of()
          : broken("another call began the answer anew");
    }
    keep(piece, call);
    return waiting.size() > WAITING_MAX ? broken("a piece is missing") : ready();
  }

  /** Takes the end. */
  public void end(ReplyFinished finished) {
    if (!(state instanceof State.Open)) {
      return;
    }
    if (finished.getHttpStatus() != OK || finished.getPieces() == 0) {
      state =
          finished.getHttpStatus() == OK && next > 0
              ? new State.Broken("a stream ended as if it had no pieces")
              : new State.Ended(finished);
      return;
    }
    if (stale(finished)) {
      return;
    }
    end = finished;
    settle();
  }

  /** Of two pieces with the same number that wait, the one of the later call counts. */
  private void keep(ReplyChunk piece, Call call) {
    var other = waiting.get(piece.getSequence());
    if (other == null || later(call, call(other))) {
      waiting.put(piece.getSequence(), piece);
    }
  }

  private static boolean later(Call call, Call other) {
    if (call.attempt() != other.attempt()) {
      return call.attempt() > other.attempt();
    }
    return call.startedAt() != null
        && other.startedAt() != null
        && call.startedAt().isAfter(other.startedAt());
  }

  private List<ByteBuffer> ready() {
    List<ByteBuffer> ready = List.of();
    for (var piece = waiting.remove(next); piece != null; piece = waiting.remove(next)) {
      var call = call(piece);
      var last = stretches.isEmpty() ? null : stretches.getLast().call();
      if (last != null && call.attempt() < last.attempt()) {
        continue; // overtaken while it waited; its number is still to come
      }
      if (last != null && call.attempt() == last.attempt() && !call.equals(last)) {
        broken("a call was made twice, and both answered");
        return ready;
      }
      if (!call.equals(last)) {
        stretches.add(new Stretch(next, call));
      }
      if (head == null) {
        head = piece.getHead();
      }
      ready = ready.isEmpty() ? List.of(piece.getData()) : plus(ready, piece.getData());
      next++;
    }
    settle();
    return ready;
  }

  private static List<ByteBuffer> plus(List<ByteBuffer> ready, ByteBuffer data) {
    var more = ready instanceof ArrayList<ByteBuffer> list ? list : new ArrayList<>(ready);
    more.add(data);
    return more;
  }

  private void settle() {
    if (end == null || !(state instanceof State.Open)) {
      return;
    }
    if (next > end.getPieces()) {
      broken("more pieces came than the end counts");
    } else if (next == end.getPieces()) {
      state = mine(end) ? new State.Complete(end) : new State.Broken("the end is of another call");
    }
  }

  /** Whether an end belongs to a call that another one has taken over from. */
  private boolean stale(ReplyFinished finished) {
    return !stretches.isEmpty() && finished.getAttempt() < stretches.getLast().call().attempt();
  }

  private boolean mine(ReplyFinished finished) {
    var last = stretches.getLast().call();
    return finished.getAttempt() == last.attempt()
        && (finished.getStartedAt() == null || finished.getStartedAt().equals(last.startedAt()));
  }

  private @Nullable Call deliverer(int sequence) {
    Call call = null;
    for (var stretch : stretches) {
      if (stretch.from() <= sequence) {
        call = stretch.call();
      }
    }
    return call;
  }

  private List<ByteBuffer> broken(String reason) {
    state = new State.Broken(reason);
    waiting.clear();
    return List.of();
  }

  private static Call call(ReplyChunk piece) {
    return new Call(piece.getAttempt(), piece.getStartedAt());
  }
}
