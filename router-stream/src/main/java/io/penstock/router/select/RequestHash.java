package io.penstock.router.select;

/** Chance that is none: the same request gets the same number, and neighbours get strangers'. */
public final class RequestHash {

  private RequestHash() {}

  /**
   * A number from 0 to below a bound.
   *
   * @param salt tells the numbers of one request apart
   * @param bound positive
   */
  public static long below(String requestId, long salt, long bound) {
    return Math.floorMod(mixed(requestId, salt), bound);
  }

  /** FNV-1a, then the finaliser of SplitMix64. */
  private static long mixed(String requestId, long salt) {
    var seed = 0xcbf29ce484222325L;
    for (int i = 0; i < requestId.length(); i++) {
      seed = (seed ^ requestId.charAt(i)) * 0x100000001b3L;
    }
    var mixed = seed + salt * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
