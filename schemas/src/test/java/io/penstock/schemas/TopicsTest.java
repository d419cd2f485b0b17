package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.schemas.avro.Lane;
import java.io.IOException;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

final class TopicsTest {

  private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);

  @Test
  void theCatalogueIsTheOneThatWasAgreedOnInTheOrderOfTheFlow() throws IOException {
    var specs =
        Stream.of(
                topics.fixed().stream(),
                topics.ofPool("openai").stream(),
                Stream.of(topics.ofSubmissions("acme")))
            .flatMap(stream -> stream);

    Golden.check(
        "topics.txt", specs.map(TopicsTest::line).collect(Collectors.joining("\n", "", "\n")));
  }

  private static String line(TopicSpec spec) {
    return String.join(
        " | ",
        spec.name(),
        spec.key(),
        spec.values().stream().map(Schema::getName).collect(Collectors.joining(" ")),
        spec.partitioning().name(),
        spec.cleanup().policy(),
        spec.retention().equals(TopicSpec.FOREVER) ? "forever" : spec.retention().toString(),
        spec.durability().name(),
        new TreeMap<>(spec.settings()).toString());
  }

  @Test
  void namesHoldNoUnderscoreBecauseMetricsWouldCollide() {
    assertThat(topics.fixed())
        .extracting(TopicSpec::name)
        .allMatch(name -> name.matches("[a-z0-9.-]+"));
  }

  @Test
  void thePrefixIsEmptyOrEndsWithADot() {
    assertThat(new Topics("").usage()).isEqualTo("usage");
    assertThat(new Topics("team-a.").usage()).isEqualTo("team-a.usage");
    assertThatThrownBy(() -> new Topics("team-a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("topic prefix must be empty or end with a dot: team-a");
  }

  @Test
  void aPoolOrOrganisationThatWouldMakeAnotherTopicsNameIsRefused() {
    for (var name : new String[] {"", "a.b", "a_b", "A", "-a", "../a", "a".repeat(65)}) {
      assertThatThrownBy(() -> topics.calls(name, Lane.BATCH))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> topics.submissions(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
