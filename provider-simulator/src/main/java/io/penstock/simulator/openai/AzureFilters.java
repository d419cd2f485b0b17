package io.penstock.simulator.openai;

/**
 * What Azure's content filters find: nothing. Their places, also that a stream begins with a chunk
 * without choices and has one without a delta, are those of Azure's own answers.
 */
final class AzureFilters {
  static final String CONTENT =
      """
      {"hate":{"filtered":false,"severity":"safe"},"self_harm":{"filtered":false,"severity":"safe"},\
      "sexual":{"filtered":false,"severity":"safe"},"violence":{"filtered":false,"severity":"safe"}}""";
  static final String PROMPT = "[{\"prompt_index\":0,\"content_filter_results\":" + CONTENT + "}]";
  static final String FIRST_CHUNK =
      "data: {\"choices\":[],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\","
          + "\"prompt_filter_results\":"
          + PROMPT
          + "}\n\n";

  private AzureFilters() {}

  /** The chunk without a delta. */
  static String offsetsChunk(int choice) {
    return "data: {\"choices\":[{\"content_filter_offsets\":{\"check_offset\":0,"
        + "\"start_offset\":0,\"end_offset\":1},\"content_filter_results\":"
        + CONTENT
        + ",\"finish_reason\":null,\"index\":"
        + choice
        + "}],\"created\":0,\"id\":\"\",\"model\":\"\",\"object\":\"\"}\n\n";
  }
}
