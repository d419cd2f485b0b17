package io.penstock.simulator.behaviour;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The one source of chance: 64-bit mixing, so that every draw is a function of the seed and of the
 * call and nothing else. Not for secrets.
 */
public final class Hash {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private Hash() {}

  /** Mixes all bits of a value; neighbouring values give unrelated results. */
  public static long mix(long value) {
    long z = value + GOLDEN;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Mixes a second value into a first; the order matters. */
  public static long mix(long first, long second) {
    return mix(mix(first) + second);
  }

  /** Hashes bytes, eight at a time. */
  public static long of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** Hashes a range of bytes, eight at a time. */
  public static long of(byte[] bytes, int offset, int length) {
    long hash = length;
    int at = offset;
    int end = offset + length;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      hash = mix(hash + (long) LONGS.get(bytes, at));
    }
    long rest = 0;
    for (; at < end; at++) {
      rest = (rest << Byte.SIZE) | (bytes[at] & 0xFF);
    }
    return mix(hash + rest);
  }

  /** Hashes characters. */
  public static long of(CharSequence text) {
    long hash = text.length();
    for (int index = 0; index < text.length(); index++) {
      hash = hash * 0x100000001B3L ^ text.charAt(index);
    }
    return mix(hash);
  }
}
