package io.penstock.schemas;

import io.penstock.schemas.avro.UsageRecorded;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/** Every record that the IDL files define, found by itself so that none can be forgotten. */
final class Records {

  private Records() {}

  /** Schemas of all generated records, sorted by name. */
  static List<Schema> all() throws IOException, URISyntaxException {
    var classes =
        Path.of(UsageRecorded.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    var directory = classes.resolve(UsageRecorded.class.getPackageName().replace('.', '/'));
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.contains("$"))
          .map(
              name ->
                  type(
                      UsageRecorded.class.getPackageName()
                          + "."
                          + name.substring(0, name.length() - 6)))
          .filter(SpecificRecord.class::isAssignableFrom)
          .map(type -> SpecificData.get().getSchema(type))
          .sorted((left, right) -> left.getName().compareTo(right.getName()))
          .toList();
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError("listed, but not there: " + name, e);
    }
  }
}
