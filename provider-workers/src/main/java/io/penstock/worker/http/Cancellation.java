package io.penstock.worker.http;

import org.jspecify.annotations.Nullable;

/** Ends one call from outside, before it begins or while it runs. Thread-safe. */
public final class Cancellation {

  private @Nullable Runnable action;
  private boolean cancelled;

  /** Ends the call; a second time does nothing. */
  public void cancel() {
    Runnable toRun;
    synchronized (this) {
      cancelled = true;
      toRun = action;
      action = null;
    }
    if (toRun != null) {
      toRun.run();
    }
  }

  /** Whether it was ended. */
  public synchronized boolean cancelled() {
    return cancelled;
  }

  /** What ends the call from now on; runs at once when it was ended already. */
  void bind(Runnable newAction) {
    synchronized (this) {
      if (!cancelled) {
        action = newAction;
        return;
      }
    }
    newAction.run();
  }

  /** The call is over. */
  synchronized void unbind() {
    action = null;
  }
}
