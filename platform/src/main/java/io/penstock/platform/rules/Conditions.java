package io.penstock.platform.rules;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.penstock.schemas.avro.InferenceRequested;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The language of rules: Google's CEL over what is known of a request. It has no loops but over
 * lists of the request itself, no clock and no I/O, so a condition cannot hang or leak.
 *
 * <p>A wrong one is refused before it is published; at run time it does no harm, it never holds.
 */
public final class Conditions {

  private static final int CHARACTERS_MAX = 4_000;
  private static final int STEPS_MAX = 10_000;
  private static final int PROBLEM_CHARACTERS_MAX = 300;

  private Conditions() {}

  /** What compiling came to. */
  public sealed interface Compiled {}

  /** It can be asked; safe for use by many threads. */
  public record Good(CelRuntime.Program program) implements Compiled {}

  /** It cannot. */
  public record Bad(String problem) implements Compiled {}

  /** Made when the first rule is compiled: whoever has no rules does not pay for the language. */
  private static final class Language {
    private static final CelOptions OPTIONS =
        CelOptions.current()
            .maxExpressionCodePointSize(CHARACTERS_MAX)
            .comprehensionMaxIterations(STEPS_MAX)
            .build();

    static final CelCompiler COMPILER =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .setResultType(SimpleType.BOOL)
            .addVar("lane", SimpleType.STRING)
            .addVar("input_tokens", SimpleType.INT)
            .addVar("output_tokens_max", SimpleType.INT)
            .addVar("tools", SimpleType.BOOL)
            .addVar("images", SimpleType.BOOL)
            .addVar("audio", SimpleType.BOOL)
            .addVar("json_schema", SimpleType.BOOL)
            .addVar("stream", SimpleType.BOOL)
            .addVar("metadata", MapType.create(SimpleType.STRING, SimpleType.STRING))
            .addVar("tags", ListType.create(SimpleType.STRING))
            .addVar("end_user", SimpleType.STRING)
            .addVar("organization", SimpleType.STRING)
            .addVar("model", SimpleType.STRING)
            .build();

    static final CelRuntime RUNTIME =
        CelRuntimeFactory.standardCelRuntimeBuilder().setOptions(OPTIONS).build();
  }

  /** Compiles a condition; the first time takes a while, because the language is made. */
  public static Compiled compile(String condition) {
    try {
      var checked = Language.COMPILER.compile(condition).getAst();
      return new Good(Language.RUNTIME.createProgram(checked));
    } catch (CelValidationException | CelEvaluationException | IllegalArgumentException e) {
      return new Bad(oneLine(e.getMessage()));
    }
  }

  /** What is wrong with a condition, in one line; absent when nothing is. */
  public static @Nullable String problem(String condition) {
    return switch (compile(condition)) {
      case Good _ -> null;
      case Bad(var problem) -> problem;
    };
  }

  /** The variables; what the caller has not said is empty, or 0. */
  public static Map<String, Object> facts(InferenceRequested request) {
    var facts = request.getFacts();
    var variables = new HashMap<String, Object>(32);
    variables.put("lane", request.getLane().name().toLowerCase(Locale.ROOT));
    variables.put("input_tokens", facts.getInputTokensBound());
    var output = facts.getOutputTokensMax();
    variables.put("output_tokens_max", output == null ? 0L : output);
    variables.put("tools", facts.getTools());
    variables.put("images", facts.getImages());
    variables.put("audio", facts.getAudio());
    variables.put("json_schema", facts.getJsonSchema());
    variables.put("stream", facts.getStream());
    variables.put("metadata", facts.getMetadata());
    variables.put("tags", request.getTags());
    variables.put("end_user", request.getEndUser() == null ? "" : request.getEndUser());
    variables.put("organization", request.getOrganization());
    variables.put("model", request.getModel());
    return variables;
  }

  /** The first line of a message, shortened. */
  public static String oneLine(@Nullable String message) {
    var line = message == null ? "no reason given" : message.lines().findFirst().orElse("").strip();
    return line.length() <= PROBLEM_CHARACTERS_MAX
        ? line
        : line.substring(0, PROBLEM_CHARACTERS_MAX);
  }
}
