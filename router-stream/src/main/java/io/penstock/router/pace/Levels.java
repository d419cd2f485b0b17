package io.penstock.router.pace;

import org.jspecify.annotations.Nullable;

/** Looks up what is taken of limits. */
public interface Levels {

  /** Nothing is. */
  Levels NONE =
      new Levels() {
        @Override
        public @Nullable Bucket bucket(String account) {
          return null;
        }

        @Override
        public Count count(String account) {
          return Count.ZERO;
        }
      };

  /** The bucket of a paced account as it was last; absent for one that is full. */
  @Nullable Bucket bucket(String account);

  /** The count of any other account; zero for one that was never used. */
  Count count(String account);
}
