package io.penstock.router.stream;

import io.penstock.router.route.Costs.Call;
import io.penstock.router.route.Progress;
import io.penstock.router.route.Progress.Memory;
import io.penstock.router.route.RequestState;
import io.penstock.router.route.RequestState.Cancelling;
import io.penstock.router.route.RequestState.Done;
import io.penstock.router.route.RequestState.Early;
import io.penstock.router.route.RequestState.InFlight;
import io.penstock.router.route.RequestState.Open;
import io.penstock.router.route.RequestState.Unknown;
import io.penstock.router.route.RequestState.Waiting;
import io.penstock.schemas.avro.CostedCall;
import io.penstock.schemas.avro.EarlyOutcomes;
import io.penstock.schemas.avro.EndedRequest;
import io.penstock.schemas.avro.OpenRequest;
import io.penstock.schemas.avro.StoredRequest;
import io.penstock.schemas.avro.TargetMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/**
 * State of a request as bytes: version, kind, a time, then plain Avro. The head can be read alone,
 * so that scans decode nothing. The schema of each version stays among the resources for as long as
 * stores may hold it. Not thread-safe: one for each task.
 */
final class StateCodec {

  /**
   * Version written; one more whenever {@code router-state.avdl}, or a type that it uses, changes.
   */
  static final byte VERSION = 1;

  private static final int HEAD = 2 + Long.BYTES;

  /** What an entry is. */
  enum Kind {
    OPEN,
    ENDED,
    EARLY
  }

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
  private final SpecificDatumWriter<OpenRequest> openWriter =
      new SpecificDatumWriter<>(OpenRequest.class);
  private final SpecificDatumWriter<EndedRequest> endedWriter =
      new SpecificDatumWriter<>(EndedRequest.class);
  private final SpecificDatumWriter<EarlyOutcomes> earlyWriter =
      new SpecificDatumWriter<>(EarlyOutcomes.class);
  private final SpecificDatumReader<OpenRequest> openReader = reader(OpenRequest.class, Kind.OPEN);
  private final SpecificDatumReader<EndedRequest> endedReader =
      reader(EndedRequest.class, Kind.ENDED);
  private final SpecificDatumReader<EarlyOutcomes> earlyReader =
      reader(EarlyOutcomes.class, Kind.EARLY);
  private BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
  private BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(new byte[0], null);

  /** The schema that a version was written with. */
  static Schema writtenWith(int version) {
    var name = "/router-state/v" + version + ".avsc";
    try (InputStream resource = StateCodec.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("no schema of request state, version " + version);
      }
      return new Schema.Parser().parse(resource);
    } catch (IOException e) {
      throw new UncheckedIOException("schema of request state, version " + version, e);
    }
  }

  private static <T extends SpecificRecord> SpecificDatumReader<T> reader(
      Class<T> type, Kind kind) {
    var reader = new SpecificDatumReader<>(type);
    reader.setSchema(
        writtenWith(VERSION)
            .getField(StoredRequest.getClassSchema().getFields().getFirst().name())
            .schema()
            .getTypes()
            .get(kind.ordinal()));
    return reader;
  }

  /** Kind of an entry. */
  static Kind kind(byte[] entry) {
    return switch (entry[1]) {
      case 0 -> Kind.OPEN;
      case 1 -> Kind.ENDED;
      case 2 -> Kind.EARLY;
      default -> throw new IllegalStateException("unknown kind of request state: " + entry[1]);
    };
  }

  /**
   * When nobody waits for an open request any longer, end of an ended one, first news of an early
   * one: milliseconds since 1970.
   */
  static long time(byte[] entry) {
    return ByteBuffer.wrap(entry).getLong(2);
  }

  /** The bytes of a state. */
  byte[] encode(RequestState state) {
    return switch (state) {
      case Unknown _ -> throw new IllegalArgumentException("what is unknown is not stored");
      case Open open -> write(Kind.OPEN, open.until().toEpochMilli(), openWriter, open(open));
      case Done done -> write(Kind.ENDED, done.endedAt().toEpochMilli(), endedWriter, ended(done));
      case Early early ->
          write(Kind.EARLY, early.since().toEpochMilli(), earlyWriter, early(early));
    };
  }

  /** The state that {@link #encode} wrote. */
  RequestState decode(byte[] entry) {
    if (entry[0] != VERSION) {
      throw new IllegalStateException("request state of another version: " + entry[0]);
    }
    return switch (kind(entry)) {
      case OPEN -> open(read(openReader, entry));
      case ENDED -> ended(read(endedReader, entry));
      case EARLY -> early(read(earlyReader, entry));
    };
  }

  private <T> byte[] write(Kind kind, long time, SpecificDatumWriter<T> writer, T record) {
    try {
      bytes.reset();
      bytes.write(VERSION);
      bytes.write(kind.ordinal());
      for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
        bytes.write((int) (time >>> shift));
      }
      encoder = EncoderFactory.get().binaryEncoder(bytes, encoder);
      writer.write(record, encoder);
      encoder.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
  }

  private <T> T read(SpecificDatumReader<T> reader, byte[] entry) {
    try {
      decoder = DecoderFactory.get().binaryDecoder(entry, HEAD, entry.length - HEAD, decoder);
      return reader.read(null, decoder);
    } catch (IOException e) {
      throw new UncheckedIOException("request state is damaged", e);
    }
  }

  private static OpenRequest open(Open open) {
    var progress = open.progress();
    var memory = new ArrayList<TargetMemory>(progress.memory().size());
    for (var each : progress.memory()) {
      memory.add(new TargetMemory(each.notBefore().toEpochMilli(), each.silent(), each.excluded()));
    }
    return new OpenRequest(
        open.ticket(),
        progress.attempt(),
        progress.target(),
        progress.calledAt().toEpochMilli(),
        switch (open) {
          case InFlight _ -> null;
          case Waiting waiting -> waiting.due().toEpochMilli();
          // nothing is due any more but the end
          case Cancelling cancelling -> cancelling.until().toEpochMilli();
        },
        progress.counted(),
        progress.uncounted(),
        memory,
        progress.cause(),
        progress.attempts(),
        progress.delivered(),
        open instanceof Cancelling cancelling ? cancelling.reason() : null);
  }

  private static RequestState open(OpenRequest open) {
    var memory = new ArrayList<Memory>(open.getTargets().size());
    for (var each : open.getTargets()) {
      memory.add(
          new Memory(
              Instant.ofEpochMilli(each.getNotBeforeMs()), each.getSilent(), each.getExcluded()));
    }
    var progress =
        new Progress(
            open.getAttempt(),
            open.getTarget(),
            Instant.ofEpochMilli(open.getCalledAtMs()),
            open.getCounted(),
            open.getUncounted(),
            memory,
            open.getCause(),
            open.getAttempts(),
            open.getDelivered());
    var due = open.getDueAtMs();
    var cancelling = open.getCancelling();
    if (cancelling != null && due != null) {
      return new Cancelling(open.getTicket(), progress, cancelling, Instant.ofEpochMilli(due));
    }
    return due == null
        ? new InFlight(open.getTicket(), progress)
        : new Waiting(open.getTicket(), progress, Instant.ofEpochMilli(due));
  }

  private static EndedRequest ended(Done done) {
    var costed = new ArrayList<CostedCall>(done.costed().size());
    for (var call : done.costed()) {
      costed.add(new CostedCall(call.attempt(), call.startedAt().toEpochMilli()));
    }
    return new EndedRequest(done.ticket(), done.endedAt().toEpochMilli(), costed);
  }

  private static RequestState ended(EndedRequest ended) {
    List<Call> costed = new ArrayList<>(ended.getCosted().size());
    for (var call : ended.getCosted()) {
      costed.add(new Call(call.getAttempt(), Instant.ofEpochMilli(call.getStartedAtMs())));
    }
    return new Done(ended.getTicket(), Instant.ofEpochMilli(ended.getEndedAtMs()), costed);
  }

  private static EarlyOutcomes early(Early early) {
    return new EarlyOutcomes(
        early.since().toEpochMilli(), early.cancelled(), early.finished(), early.failed());
  }

  private static RequestState early(EarlyOutcomes early) {
    return new Early(
        Instant.ofEpochMilli(early.getSinceMs()),
        early.getCancelled(),
        early.getFinished(),
        early.getFailed());
  }
}
