package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.penstock.schemas.Versions.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What is on a topic or in a store today must be readable by every version before and after it. */
final class SchemaEvolutionTest {

  @TestFactory
  Stream<DynamicTest> thePresentSchemaIsTheLatestThatIsCommitted() throws Exception {
    return Records.all().stream()
        .map(
            schema ->
                dynamicTest(
                    schema.getName(),
                    () -> {
                      var versions = Versions.of(schema);
                      assertThat(!versions.isEmpty() && versions.getLast().schema().equals(schema))
                          .as(
                              """
                              The schema of %s is not the last one committed. If the change is meant, run the tests of \
                              this module once with -Dpenstock.golden=write: that adds \
                              src/test/resources/versions/%s/v%d.avsc and its bytes. Never change or remove a version \
                              that was released.""",
                              schema.getName(), schema.getName(), versions.size() + 1)
                          .isTrue();
                    }));
  }

  @TestFactory
  Stream<DynamicTest> everyVersionReadsEveryOther() throws Exception {
    return Records.all().stream()
        .map(
            schema ->
                dynamicTest(
                    schema.getName(),
                    () -> {
                      for (var version : Versions.of(schema)) {
                        reads(
                            schema,
                            version.schema(),
                            "the present schema",
                            "version " + version.number());
                        reads(
                            version.schema(),
                            schema,
                            "version " + version.number(),
                            "the present schema");
                      }
                    }));
  }

  private static void reads(Schema reader, Schema writer, String readerName, String writerName) {
    var result = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    assertThat(result.getType())
        .as(
            "%s of %s cannot read what %s wrote: %s. Fields are added with a default, never removed without one,"
                + " renamed or narrowed; enums grow only if they have a default; a break is a new topic.",
            readerName, reader.getName(), writerName, result.getDescription())
        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
  }

  @TestFactory
  Stream<DynamicTest> theBytesOfTheLatestVersionAreTheGoldenOnes() throws Exception {
    return Records.all().stream()
        .map(
            schema ->
                dynamicTest(
                    schema.getName(),
                    () -> {
                      var latest = Versions.of(schema).getLast();
                      assertThat(Versions.hex(Samples.full(schema)))
                          .as("all fields")
                          .isEqualTo(latest.full());
                      assertThat(Versions.hex(Samples.required(schema)))
                          .as("required fields only")
                          .isEqualTo(latest.required());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> ourClassesReadTheBytesOfEveryVersionAndWriteThePresentOnes()
      throws Exception {
    return Records.all().stream()
        .map(
            schema ->
                dynamicTest(
                    schema.getName(),
                    () -> {
                      for (var version : Versions.of(schema)) {
                        readBack(schema, version, version.full(), Samples::full);
                        readBack(schema, version, version.required(), Samples::required);
                      }
                    }));
  }

  private static void readBack(Schema present, Version version, String hex, Sample sample)
      throws IOException {
    var bytes = HexFormat.of().parseHex(hex);
    var reader = new SpecificDatumReader<SpecificRecord>(version.schema(), present);

    var record = reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));

    assertThat(record.getSchema()).isEqualTo(present);
    if (version.schema().equals(present)) {
      assertThat(rewritten(record)).hasToString(sample.of(present).toString());
    }
  }

  private interface Sample {
    GenericRecord of(Schema schema);
  }

  /** What our class writes, read without it. */
  private static GenericRecord rewritten(SpecificRecord record) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<SpecificRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    var plain =
        new GenericDatumReader<GenericRecord>(
            record.getSchema(), record.getSchema(), new GenericData());
    return plain.read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
  }
}
