package io.penstock.ingress.catalog;

import io.penstock.platform.config.Section;
import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.MidStream;
import io.penstock.schemas.avro.UnsupportedParameters;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The {@code policy} of a model: how its calls are made, and their answers judged. */
final class PolicySection {

  private PolicySection() {}

  /** Null when the model has none. */
  static @Nullable CallPolicy read(Section model) {
    var section = model.section("policy");
    if (!model.has("policy")) {
      return null;
    }
    return CallPolicy.newBuilder()
        .setFirstByteTimeoutMs(milliseconds(section, "first-byte-timeout"))
        .setIdleTimeoutMs(milliseconds(section, "idle-timeout"))
        .setTotalTimeoutMs(milliseconds(section, "total-timeout"))
        .setMidStream(section.choice("mid-stream", MidStream.class, MidStream.ERROR))
        .setUnsupported(
            section.choice(
                "unsupported-params", UnsupportedParameters.class, UnsupportedParameters.REJECT))
        .setLengthFails(section.flag("length-fails", false))
        .setRefusalFails(section.flag("refusal-fails", false))
        .setSchemaFails(section.flag("schema-fails", false))
        .setBuffered(section.flag("buffered", false))
        .build();
  }

  private static @Nullable Long milliseconds(Section section, String key) {
    if (!section.has(key)) {
      return null;
    }
    var milliseconds = section.duration(key, Duration.ofMinutes(1)).toMillis();
    if (milliseconds < 1) {
      section.error(key, "must be longer than nothing");
    }
    return milliseconds;
  }
}
