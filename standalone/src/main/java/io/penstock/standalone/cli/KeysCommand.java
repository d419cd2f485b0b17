package io.penstock.standalone.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "keys",
    description = "Creates and lists API keys.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class KeysCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which of create, list?");
  }

  @Command(
      name = "create",
      description = "Creates a key and prints its secret, this once.",
      mixinStandardHelpOptions = true)
  int create(
      @Mixin ServerOptions server,
      @Option(
              names = "--organization",
              paramLabel = "ID",
              required = true,
              description = "Organisation that pays.")
          String organization,
      @Option(
              names = "--name",
              paramLabel = "NAME",
              defaultValue = "cli",
              description = "Default: ${DEFAULT-VALUE}.")
          String name,
      @Option(
              names = "--role",
              paramLabel = "ROLE",
              defaultValue = "user",
              description = "user, admin or super_admin (default: ${DEFAULT-VALUE}).")
          String role,
      @Option(
              names = "--model",
              paramLabel = "MODEL",
              description = "Allowed model; repeat for more. All when absent.")
          @Nullable List<String> models)
      throws IOException, InterruptedException {
    ObjectNode body =
        JSON.createObjectNode()
            .put("name", name)
            .put("organization", organization)
            .put("role", role);
    if (models != null) {
      var list = body.putArray("models");
      models.forEach(list::add);
    }
    try (var client = server.client()) {
      var key = client.post("/v1/admin/keys", body);
      spec.commandLine().getOut().println(key.path("secret").asText());
      spec.commandLine().getOut().flush();
      return 0;
    }
  }

  @Command(
      name = "list",
      description = "Lists the keys, without their secrets.",
      mixinStandardHelpOptions = true)
  int list(@Mixin ServerOptions server) throws IOException, InterruptedException {
    try (var client = server.client()) {
      spec.commandLine()
          .getOut()
          .println(
              JSON.writerWithDefaultPrettyPrinter()
                  .writeValueAsString(client.fetch("/v1/admin/keys")));
      spec.commandLine().getOut().flush();
      return 0;
    }
  }
}
