package io.penstock.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.EncoderFactory;

/**
 * The versions of our schemas that are committed, and the bytes of each: {@code
 * versions/<record>/v<n>.avsc} and {@code golden/<record>/v<n>.hex} among the test resources. With
 * {@code -Dpenstock.golden=write} a test run adds the version that is missing.
 */
final class Versions {

  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final boolean WRITE = "write".equals(System.getProperty("penstock.golden"));

  private Versions() {}

  /**
   * One committed version.
   *
   * @param full bytes of {@link Samples#full}, in hex
   * @param required bytes of {@link Samples#required}, in hex
   */
  record Version(int number, Schema schema, String full, String required) {}

  /** All versions of a record, oldest first; adds the present schema when that is asked for. */
  static List<Version> of(Schema present) throws IOException {
    var versions = read(present.getName());
    if (WRITE && (versions.isEmpty() || !versions.getLast().schema().equals(present))) {
      write(present, versions.size() + 1);
      versions = read(present.getName());
    }
    return versions;
  }

  private static List<Version> read(String record) throws IOException {
    var versions = new ArrayList<Version>();
    for (int number = 1; Files.exists(schemaFile(record, number)); number++) {
      var schema = new Schema.Parser().parse(Files.readString(schemaFile(record, number)));
      var bytes = Files.readAllLines(bytesFile(record, number));
      versions.add(new Version(number, schema, bytes.get(0), bytes.get(1)));
    }
    return versions;
  }

  private static void write(Schema schema, int number) throws IOException {
    var schemaFile = schemaFile(schema.getName(), number);
    Files.createDirectories(schemaFile.getParent());
    Files.writeString(schemaFile, schema.toString(true) + "\n");
    var bytesFile = bytesFile(schema.getName(), number);
    Files.createDirectories(bytesFile.getParent());
    Files.writeString(
        bytesFile, hex(Samples.full(schema)) + "\n" + hex(Samples.required(schema)) + "\n");
  }

  private static Path schemaFile(String record, int number) {
    return RESOURCES.resolve("versions").resolve(record).resolve("v" + number + ".avsc");
  }

  private static Path bytesFile(String record, int number) {
    return RESOURCES.resolve("golden").resolve(record).resolve("v" + number + ".hex");
  }

  /** The record in Avro's binary encoding, in hex. */
  static String hex(GenericRecord record) {
    var bytes = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    try {
      new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
