package io.penstock.schemas;

import io.penstock.schemas.avro.UsageRecorded;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Avro makes objects only of classes that it was told to trust: ours. Whatever reads, writes or
 * builds records calls {@link #trust} first; {@link RecordSerdes} and {@link Topics} do when they
 * are loaded.
 */
public final class TrustedRecords {

  private static final String PACKAGE = UsageRecorded.class.getPackageName();

  private TrustedRecords() {}

  /** Adds our records to what Avro trusts already; safe to call again. */
  public static void trust() {
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            ClassSecurityValidator.DEFAULT, type -> type.getPackageName().equals(PACKAGE)));
  }
}
