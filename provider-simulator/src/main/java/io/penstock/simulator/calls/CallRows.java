package io.penstock.simulator.calls;

import io.penstock.simulator.behaviour.Fault;
import io.penstock.simulator.calls.CallEnd.Reach;
import java.util.ArrayList;
import java.util.List;

/** Calls in columns, 42 bytes each. Not safe for concurrent use; {@link CallLog} guards it. */
final class CallRows {
  private static final int CHUNK_BITS = 14;
  private static final int CHUNK_MASK = (1 << CHUNK_BITS) - 1;
  private static final List<Fault> FAULTS = List.of(Fault.values());
  private static final List<Reach> REACHES = List.of(Reach.values());
  private static final List<Surface> SURFACES = List.of(Surface.values());

  private final List<Chunk> chunks = new ArrayList<>();
  private int size;

  int size() {
    return size;
  }

  int add(int identity, int model, CallOrigin origin, int attempt, int before, long startedNanos) {
    int row = size++;
    if ((row & CHUNK_MASK) == 0) {
      chunks.add(new Chunk());
    }
    var chunk = chunk(row);
    int at = row & CHUNK_MASK;
    chunk.started[at] = startedNanos;
    chunk.ended[at] = startedNanos;
    chunk.identity[at] = identity;
    chunk.model[at] = (short) model;
    chunk.surface[at] = (byte) origin.surface().ordinal();
    chunk.key[at] = (byte) origin.key();
    chunk.attempt[at] = (short) Math.min(attempt, Short.MAX_VALUE);
    chunk.before[at] = before;
    return row;
  }

  void end(int row, CallEnd end, long endedNanos) {
    var chunk = chunk(row);
    int at = row & CHUNK_MASK;
    chunk.ended[at] = endedNanos;
    chunk.status[at] = (short) end.status();
    chunk.fault[at] = (byte) end.fault().ordinal();
    chunk.reach[at] = (byte) end.reach().ordinal();
    chunk.input[at] = end.inputTokens();
    chunk.output[at] = end.producedTokens();
  }

  CallEnd end(int row) {
    var chunk = chunk(row);
    int at = row & CHUNK_MASK;
    return new CallEnd(
        chunk.status[at],
        FAULTS.get(chunk.fault[at]),
        REACHES.get(chunk.reach[at]),
        chunk.input[at],
        chunk.output[at]);
  }

  int identity(int row) {
    return chunk(row).identity[row & CHUNK_MASK];
  }

  int model(int row) {
    return chunk(row).model[row & CHUNK_MASK];
  }

  Surface surface(int row) {
    return SURFACES.get(chunk(row).surface[row & CHUNK_MASK]);
  }

  int key(int row) {
    return chunk(row).key[row & CHUNK_MASK];
  }

  int attempt(int row) {
    return chunk(row).attempt[row & CHUNK_MASK];
  }

  /** The call of the same request before this one, or {@link IdentityTable#NONE}. */
  int before(int row) {
    return chunk(row).before[row & CHUNK_MASK];
  }

  long startedNanos(int row) {
    return chunk(row).started[row & CHUNK_MASK];
  }

  long endedNanos(int row) {
    return chunk(row).ended[row & CHUNK_MASK];
  }

  private Chunk chunk(int row) {
    return chunks.get(row >>> CHUNK_BITS);
  }

  private static final class Chunk {
    private static final int LENGTH = 1 << CHUNK_BITS;

    private final long[] started = new long[LENGTH];
    private final long[] ended = new long[LENGTH];
    private final int[] identity = new int[LENGTH];
    private final int[] before = new int[LENGTH];
    private final int[] input = new int[LENGTH];
    private final int[] output = new int[LENGTH];
    private final short[] model = new short[LENGTH];
    private final short[] attempt = new short[LENGTH];
    private final short[] status = new short[LENGTH];
    private final byte[] surface = new byte[LENGTH];
    private final byte[] key = new byte[LENGTH];
    private final byte[] fault = new byte[LENGTH];
    private final byte[] reach = new byte[LENGTH];
  }
}
