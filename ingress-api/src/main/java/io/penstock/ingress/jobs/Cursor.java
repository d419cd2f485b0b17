package io.penstock.ingress.jobs;

/**
 * How far the pump certainly is.
 *
 * @param dispatched requests dispatched
 * @param nextOffset byte offset of the next line
 * @param nextLine number of the next line, from 1
 * @param stopped whether the pump has said that it will dispatch nothing more
 */
public record Cursor(long dispatched, long nextOffset, long nextLine, boolean stopped) {

  public static final Cursor START = new Cursor(0, 0, 1, false);

  /** The further of two: a pump that was replaced may still report what it did before. */
  Cursor furthest(Cursor other) {
    var further = other.nextOffset > nextOffset ? other : this;
    return new Cursor(
        further.dispatched, further.nextOffset, further.nextLine, stopped || other.stopped);
  }
}
