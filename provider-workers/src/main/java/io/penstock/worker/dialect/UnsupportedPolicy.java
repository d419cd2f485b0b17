package io.penstock.worker.dialect;

import io.penstock.schemas.avro.CallPolicy;
import io.penstock.schemas.avro.UnsupportedParameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Refuses, drops or drops and reports what cannot be expressed, as the route wants it. What would
 * change the answer's shape is refused whatever the route wants.
 */
final class UnsupportedPolicy implements ProviderDialect.Unsupported {

  /** In the words of all callers' dialects; what lies inside one of them counts as it. */
  private static final Set<String> NEVER_DROPPED =
      Set.of(
          "tools",
          "functions",
          "tool_choice",
          "function_call",
          "response_format",
          "text.format",
          "output_config.format",
          "stop",
          "stop_sequences");

  private final UnsupportedParameters policy;
  private final String dialect;
  private final List<String> warnings = new ArrayList<>();

  UnsupportedPolicy(@Nullable CallPolicy policy, String dialect) {
    this.policy = policy == null ? UnsupportedParameters.REJECT : policy.getUnsupported();
    this.dialect = dialect;
  }

  @Override
  public void parameter(String parameter) {
    if (policy == UnsupportedParameters.REJECT || isNeverDropped(parameter)) {
      throw UnsupportedCallException.of(parameter, dialect);
    }
    if (policy == UnsupportedParameters.WARN && !warnings.contains(parameter)) {
      warnings.add(parameter);
    }
  }

  private static boolean isNeverDropped(String parameter) {
    return NEVER_DROPPED.stream()
        .anyMatch(
            name ->
                parameter.equals(name)
                    || (parameter.startsWith(name)
                        && ".[".indexOf(parameter.charAt(name.length())) >= 0));
  }

  /** Names of what was left out and has to be told. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }
}
