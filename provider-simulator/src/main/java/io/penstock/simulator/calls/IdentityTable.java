package io.penstock.simulator.calls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Request ids, numbered in the order of their first call, with what is counted about each. A map of
 * strings would cost three times the memory. Not safe for concurrent use; {@link CallLog} guards
 * it.
 */
final class IdentityTable {
  /** Marks an empty slot, and the end of a request's chain of calls. */
  static final int NONE = -1;

  private static final int CAPACITY_FIRST = 1_024;

  private final BitSet named = new BitSet();
  private byte[] names = new byte[CAPACITY_FIRST * 40];
  private int namesEnd;
  private int[] nameStart = new int[CAPACITY_FIRST + 1];
  private int[] hashes = new int[CAPACITY_FIRST];
  private int[] calls = new int[CAPACITY_FIRST];
  private int[] served = new int[CAPACITY_FIRST];
  private int[] admitted = new int[CAPACITY_FIRST];
  private int[] lastRow = new int[CAPACITY_FIRST];
  private int[] slots = filled(CAPACITY_FIRST * 2);
  private int size;

  int size() {
    return size;
  }

  /** The number of a request id, or {@link #NONE}. */
  int find(CallIdentity identity) {
    return slots[slotOf(identity.hash(), identity.text().getBytes(UTF_8))];
  }

  int findOrAdd(CallIdentity identity) {
    var name = identity.text().getBytes(UTF_8);
    int slot = slotOf(identity.hash(), name);
    if (slots[slot] != NONE) {
      return slots[slot];
    }
    if (size == calls.length) {
      grow();
      slot = slotOf(identity.hash(), name);
    }
    int index = size++;
    slots[slot] = index;
    hashes[index] = (int) identity.hash();
    nameStart[index] = namesEnd;
    if (names.length - namesEnd < name.length) {
      names = Arrays.copyOf(names, Math.max(names.length * 2, namesEnd + name.length));
    }
    System.arraycopy(name, 0, names, namesEnd, name.length);
    namesEnd += name.length;
    nameStart[index + 1] = namesEnd;
    lastRow[index] = NONE;
    named.set(index, identity instanceof CallIdentity.Named);
    return index;
  }

  boolean isNamed(int index) {
    return named.get(index);
  }

  String name(int index) {
    return new String(names, nameStart[index], nameStart[index + 1] - nameStart[index], UTF_8);
  }

  /** Counts a call of this request; answers how many there are now. */
  int addCall(int index) {
    return ++calls[index];
  }

  /** Counts a call that the limits let through; answers how many there are now. */
  int addAdmitted(int index) {
    return ++admitted[index];
  }

  /** Counts a served call, or takes one back; answers how many there are now. */
  int addServed(int index, int change) {
    served[index] += change;
    return served[index];
  }

  /** Makes a row the last of its request; answers the one before, or {@link #NONE}. */
  int chain(int index, int row) {
    int before = lastRow[index];
    lastRow[index] = row;
    return before;
  }

  int lastRow(int index) {
    return lastRow[index];
  }

  private int slotOf(long hash, byte[] name) {
    int mask = slots.length - 1;
    int slot = (int) hash & mask;
    while (slots[slot] != NONE && !isName(slots[slot], name)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private boolean isName(int index, byte[] name) {
    return Arrays.equals(names, nameStart[index], nameStart[index + 1], name, 0, name.length);
  }

  private void grow() {
    int capacity = calls.length * 2;
    hashes = Arrays.copyOf(hashes, capacity);
    calls = Arrays.copyOf(calls, capacity);
    served = Arrays.copyOf(served, capacity);
    admitted = Arrays.copyOf(admitted, capacity);
    lastRow = Arrays.copyOf(lastRow, capacity);
    nameStart = Arrays.copyOf(nameStart, capacity + 1);
    slots = filled(capacity * 2);
    for (int index = 0; index < size; index++) {
      slots[freeSlot(index)] = index;
    }
  }

  private int freeSlot(int index) {
    int mask = slots.length - 1;
    int slot = hashes[index] & mask;
    while (slots[slot] != NONE) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static int[] filled(int length) {
    var slots = new int[length];
    Arrays.fill(slots, NONE);
    return slots;
  }
}
