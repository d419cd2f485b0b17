package io.penstock.platform.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.BudgetEntry;
import io.penstock.schemas.avro.ModelEntry;
import org.junit.jupiter.api.Test;

final class CatalogTest {

  @Test
  void everythingIsFoundByItsName() {
    var key = Entries.keyOf("key-1", "acme", "hash").build();
    var catalog =
        new Entries()
            .organization("acme", true)
            .key(key)
            .model("small")
            .price("small-price")
            .budget("b1", "acme")
            .catalog();

    assertThat(catalog.organization("acme")).isNotNull();
    assertThat(catalog.organizations()).hasSize(1);
    assertThat(catalog.key("key-1")).isEqualTo(key);
    assertThat(catalog.keyByHash("hash")).isEqualTo(key);
    assertThat(catalog.model("small")).isNotNull();
    assertThat(catalog.price("small-price")).isNotNull();
    assertThat(catalog.budgets("acme")).hasSize(1);
  }

  @Test
  void whatIsNotThereIsNull() {
    assertThat(Catalog.EMPTY.organization("acme")).isNull();
    assertThat(Catalog.EMPTY.key("key-1")).isNull();
    assertThat(Catalog.EMPTY.keyByHash("hash")).isNull();
    assertThat(Catalog.EMPTY.model("small")).isNull();
    assertThat(Catalog.EMPTY.pool("openai")).isNull();
    assertThat(Catalog.EMPTY.price("small-price")).isNull();
    assertThat(Catalog.EMPTY.budgets("acme")).isEmpty();
  }

  @Test
  void aModelIsFoundByItsAliasesButAListNamesItOnce() {
    var catalog = new Entries().model("small", "tiny", "mini").model("large").catalog();

    assertThat(catalog.model("tiny"))
        .isSameAs(catalog.model("small"))
        .isSameAs(catalog.model("mini"));
    assertThat(catalog.models()).extracting(ModelEntry::getName).containsExactly("large", "small");
  }

  @Test
  void aNameWinsOverAnAliasWhateverTheirOrder() {
    var catalog = new Entries().model("a", "b").model("b", "a").catalog();

    assertThat(catalog.model("a")).extracting(ModelEntry::getName).isEqualTo("a");
    assertThat(catalog.model("b")).extracting(ModelEntry::getName).isEqualTo("b");
  }

  @Test
  void budgetsAreThoseOfTheOrganisationOnly() {
    var catalog =
        new Entries().budget("b1", "acme").budget("b2", "globex").budget("b3", "acme").catalog();

    assertThat(catalog.budgets("acme")).extracting(BudgetEntry::getId).containsExactly("b1", "b3");
  }

  @Test
  void aSnapshotDoesNotChangeWithWhatItWasMadeOf() {
    var entries = new Entries().model("small");
    var catalog = entries.catalog();

    entries.model("large");

    assertThat(catalog.models()).hasSize(1);
    assertThatThrownBy(() -> catalog.entries().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
