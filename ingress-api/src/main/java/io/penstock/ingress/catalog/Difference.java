package io.penstock.ingress.catalog;

import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.catalog.CatalogWriter.Change;
import io.penstock.schemas.avro.ApiKeyEntry;
import io.penstock.schemas.avro.PriceEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Changes of a catalogue as people read them: {@code + model/fast}, {@code ~ pool/openai: …},
 * {@code - price/old}.
 */
public final class Difference {

  private Difference() {}

  /** One line a change; hashes of keys are not shown. */
  public static List<String> lines(Catalog present, List<Change> changes) {
    var lines = new ArrayList<String>();
    for (var change : changes) {
      var old = present.entries().get(change.key());
      lines.add(
          switch (change) {
            case Change.Remove remove -> "- " + remove.key();
            case Change.Put put when old == null -> "+ " + put.key();
            case Change.Put put ->
                "~ "
                    + put.key()
                    + ": "
                    + fields(
                        (SpecificRecord) old.getEntry(), (SpecificRecord) put.entry().getEntry());
          });
    }
    return List.copyOf(lines);
  }

  private static String fields(SpecificRecord old, SpecificRecord wanted) {
    if (old instanceof PriceEntry present && wanted instanceof PriceEntry price) {
      return String.join(", ", PriceChanges.texts(present, price));
    }
    var changed = new ArrayList<String>();
    for (var field : old.getSchema().getFields()) {
      var before = ((SpecificRecordBase) old).get(field.pos());
      var after = ((SpecificRecordBase) wanted).get(field.pos());
      if (Objects.equals(before, after)) {
        continue;
      }
      var secret = old instanceof ApiKeyEntry && field.name().equals("hash");
      changed.add(secret ? "secret changed" : field.name() + " " + before + " → " + after);
    }
    return String.join(", ", changed);
  }
}
