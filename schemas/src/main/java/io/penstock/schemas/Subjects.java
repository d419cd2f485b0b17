package io.penstock.schemas;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.serializers.subject.strategy.SubjectNameStrategy;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Under which subject a record type is registered: {@code <topic>-value} where a topic carries one
 * type, {@code <topic>-<record>} where it carries several. Topics that exist once per pool, lane or
 * organisation share one subject, so that a new pool needs no registration.
 */
public final class Subjects implements SubjectNameStrategy {

  private static final Pattern REQUESTS = Pattern.compile("requests\\.(interactive|batch)$");
  private static final Pattern CALLS = Pattern.compile("calls\\.[^.]+\\.(interactive|batch)$");
  private static final Pattern SUBMISSIONS = Pattern.compile("submissions\\.[^.]+$");
  private static final Pattern SEVERAL_TYPES =
      Pattern.compile("(^|\\.)(requests|replies|batches)$");

  @Override
  public void configure(Map<String, ?> configuration) {
    // nothing to configure: the rule is fixed
  }

  @Override
  public @Nullable String subjectName(String topic, boolean isKey, @Nullable ParsedSchema schema) {
    if (schema == null || !(schema.rawSchema() instanceof Schema avro)) {
      return null;
    }
    return subject(topic, avro.getFullName());
  }

  /** The subject of a record type on a topic. */
  public static String subject(String topic, String recordName) {
    var family = REQUESTS.matcher(topic).replaceFirst("requests");
    family = CALLS.matcher(family).replaceFirst("calls");
    family = SUBMISSIONS.matcher(family).replaceFirst("submissions");
    return SEVERAL_TYPES.matcher(family).find() ? family + "-" + recordName : family + "-value";
  }
}
