package io.penstock.simulator.http;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Bodies that are no answers. */
final class Pages {
  /** What a proxy in front of a provider sends. */
  static final byte[] BAD_GATEWAY =
      "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
          .getBytes(UTF_8);

  /** Begins as gzip does, and is none. */
  static final byte[] GARBAGE = garbage();

  /** An event whose JSON ends in the middle. */
  static final byte[] BROKEN_EVENT =
      "data: {\"id\":\"x\",\"object\":\"chat.compl\n\n".getBytes(UTF_8);

  private Pages() {}

  private static byte[] garbage() {
    var bytes = new byte[512];
    for (int index = 0; index < bytes.length; index++) {
      bytes[index] = (byte) (index * 0x9D ^ index >> 3);
    }
    bytes[0] = 0x1F;
    bytes[1] = (byte) 0x8B;
    bytes[2] = 0x08;
    return bytes;
  }
}
