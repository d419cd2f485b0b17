package io.penstock.worker.engine;

import io.penstock.schemas.avro.CallFailed;
import io.penstock.schemas.avro.CallFinished;
import io.penstock.schemas.avro.DeadLetter;
import io.penstock.schemas.avro.PoolStatus;
import io.penstock.schemas.avro.ReplyAddress;
import io.penstock.schemas.avro.ReplyChunk;
import io.penstock.schemas.avro.ReplyFinished;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Remembers what was written; durable at once unless told otherwise. */
final class RecordingLog implements CallLog {

  final List<CallFinished> finished = new CopyOnWriteArrayList<>();
  final List<CallFailed> failed = new CopyOnWriteArrayList<>();
  final List<ReplyFinished> replies = new CopyOnWriteArrayList<>();
  final List<ReplyChunk> pieces = new CopyOnWriteArrayList<>();
  final List<DeadLetter> dead = new CopyOnWriteArrayList<>();
  final List<PoolStatus> statuses = new CopyOnWriteArrayList<>();
  volatile boolean durable = true;
  volatile boolean losing;

  @Override
  public void succeeded(CallFinished record, Runnable onDurable) {
    finished.add(record);
    end(onDurable);
  }

  @Override
  public void failed(CallFailed record, Runnable onDurable) {
    failed.add(record);
    end(onDurable);
  }

  @Override
  public void reply(ReplyAddress address, ReplyFinished reply) {
    replies.add(reply);
  }

  @Override
  public void piece(ReplyAddress address, ReplyChunk piece, Consumer<Boolean> written) {
    pieces.add(piece);
    if (durable) {
      written.accept(!losing);
    }
  }

  @Override
  public void dead(DeadLetter letter, Runnable onDurable) {
    dead.add(letter);
    end(onDurable);
  }

  @Override
  public void status(PoolStatus status) {
    statuses.add(status);
  }

  @Override
  public void gone(String pool, String instance) {}

  private void end(Runnable onDurable) {
    if (durable) {
      onDurable.run();
    }
  }
}
