package io.penstock.standalone.cli;

import io.penstock.standalone.data.StartupException;
import io.penstock.standalone.node.Installation;
import io.penstock.standalone.registry.RegistryCache;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Makes the files of loaded and linked classes (JEP 483, 514) with which {@code up} and {@code
 * demo} start faster. They fit the jars and the JVM that they were made with; the {@code penstock}
 * script leaves them out once the jars are newer.
 */
@Command(
    name = "cache",
    description = "Makes class caches (220 MB, about a minute): up and demo then start faster.",
    mixinStandardHelpOptions = true)
final class CacheCommand implements Callable<Integer> {

  private static final String JAR_PROPERTY = "java.class.path";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    var installation = Installation.find();
    var registry = installation.registryCache();
    if (registry.isPresent()) {
      spec.commandLine().getOut().println("making " + registry.get() + " …");
      spec.commandLine().getOut().flush();
      RegistryCache.create(installation.registry(), registry.get());
    }
    var jar = Path.of(System.getProperty(JAR_PROPERTY, "")).toAbsolutePath();
    if (!Files.isRegularFile(jar)) {
      throw new StartupException("A class cache can be made of jars only: start with ./penstock.");
    }
    var cache = jar.resolveSibling("penstock.aot");
    spec.commandLine().getOut().println("making " + cache + " …");
    create(jar, cache);
    return 0;
  }

  /** Runs the demonstration once, which passes through all that a start and a request need. */
  private static void create(Path jar, Path cache) throws IOException, InterruptedException {
    var fresh = cache.resolveSibling(cache.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    var command = new ArrayList<String>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dpenstock.log=ERROR");
    command.add("-XX:AOTCacheOutput=" + fresh);
    command.add("-jar");
    command.add(jar.toString());
    command.add("demo");
    var process =
        new ProcessBuilder(command)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD)
            .start();
    process.getOutputStream().close();
    if (process.waitFor() != 0 || !Files.exists(fresh)) {
      throw new StartupException("The JVM wrote no class cache: Penstock starts without.");
    }
    Files.move(fresh, cache, StandardCopyOption.REPLACE_EXISTING);
  }
}
