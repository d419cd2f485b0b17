package io.penstock.platform.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.platform.kafka.KafkaSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SectionTest {

  private enum Colour {
    RED,
    DARK_GREEN
  }

  @Test
  void everyKindOfValueIsRead() {
    var section =
        Section.parse(
            """
            text: hello
            number: 1_000
            flag: true
            duration: 250ms
            size: 64KiB
            choice: dark-green
            list: [a, b]
            map: {x.y: 1, z: two}
            inner: {text: deep}
            inners: [{text: first}, {text: second}]
            """);

    assertThat(section.requiredText("text")).isEqualTo("hello");
    assertThat(section.number("number", 0, 1, 2000)).isEqualTo(1000);
    assertThat(section.flag("flag", false)).isTrue();
    assertThat(section.duration("duration", Duration.ZERO)).isEqualTo(Duration.ofMillis(250));
    assertThat(section.size("size", 0)).isEqualTo(65_536);
    assertThat(section.choice("choice", Colour.class, Colour.RED)).isEqualTo(Colour.DARK_GREEN);
    assertThat(section.texts("list")).containsExactly("a", "b");
    assertThat(section.textMap("map")).isEqualTo(Map.of("x.y", "1", "z", "two"));
    assertThat(section.section("inner").requiredText("text")).isEqualTo("deep");
    assertThat(section.sections("inners"))
        .extracting(inner -> inner.requiredText("text"))
        .containsExactly("first", "second");
    section.finish();
  }

  @Test
  void whatIsAbsentHasItsDefault() {
    var section = Section.empty();

    assertThat(section.text("text", "x")).isEqualTo("x");
    assertThat(section.textOrNull("text")).isNull();
    assertThat(section.number("number", 7, 0, 9)).isEqualTo(7);
    assertThat(section.flag("flag", true)).isTrue();
    assertThat(section.duration("duration", Duration.ofDays(1))).isEqualTo(Duration.ofDays(1));
    assertThat(section.size("size", 5)).isEqualTo(5);
    assertThat(section.choice("choice", Colour.class, Colour.RED)).isEqualTo(Colour.RED);
    assertThat(section.texts("list")).isEmpty();
    assertThat(section.textMap("map")).isEmpty();
    assertThat(section.sections("inners")).isEmpty();
    assertThat(section.section("inner").has("anything")).isFalse();
    assertThat(section.secretOrNull("secret")).isNull();
    section.finish();
  }

  @Test
  void allErrorsAndAllUnknownKeysAreToldTogetherWithTheirPaths() {
    var section =
        Section.parse(
            """
            number: 11
            flag: maybe
            duration: 5 weeks
            size: 1TB
            choice: blue
            surprise: 1
            inner: {text: x, other: y}
            inners: [{a: 1}, nonsense]
            list: no-list
            map: no-map
            """);

    section.number("number", 0, 1, 10);
    section.flag("flag", false);
    section.duration("duration", Duration.ZERO);
    section.size("size", 0);
    section.choice("choice", Colour.class, Colour.RED);
    section.requiredText("missing");
    section.section("inner").requiredText("text");
    section.sections("inners");
    section.texts("list");
    section.textMap("map");
    section.error("own", "is not what it should be");

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            """
            number: must be a whole number from 1 to 10, not 11
            flag: must be true or false, not maybe
            duration: must be a duration such as 250ms, 10s, 5m, 24h or 7d, not 5 weeks
            size: must be a size such as 512, 64KiB or 10MiB, not 1TB
            choice: must be one of red, dark_green, not blue
            missing: is required
            inners[1]: must be a mapping
            list: must be a list of texts
            map: must be a mapping
            own: is not what it should be
            surprise: unknown key
            inner.other: unknown key
            inners[0].a: unknown key""");
  }

  @Test
  void durationsHaveFiveUnits() {
    var section = Section.parse("{a: 1ms, b: 2s, c: 3m, d: 4h, e: 5d}");

    assertThat(List.of("a", "b", "c", "d", "e"))
        .extracting(key -> section.duration(key, Duration.ZERO))
        .containsExactly(
            Duration.ofMillis(1),
            Duration.ofSeconds(2),
            Duration.ofMinutes(3),
            Duration.ofHours(4),
            Duration.ofDays(5));
  }

  @Test
  void aNumberThatDoesNotFitIsAnErrorLikeAnyOther() {
    var section =
        Section.parse(
            "{a: 99999999999999999999s, b: 99999999999999999999GiB, c: 99999999999999999999}");
    section.duration("a", Duration.ZERO);
    section.size("b", 0);
    section.number("c", 0, 0, 9);

    assertThatThrownBy(section::finish)
        .isInstanceOf(ConfigException.class)
        .message()
        .hasLineCount(3)
        .contains("a: must be", "b: must be", "c: must be");
  }

  @Test
  void whatIsNoYamlOrNoMappingIsToldInOneLine() {
    assertThatThrownBy(() -> Section.parse("a: [1"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("the configuration is not YAML at line ");
    assertThatThrownBy(() -> Section.parse("- a"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("the configuration must be a mapping of keys to values");
  }

  @Test
  void aKeyThatIsThereTwiceIsNoYaml() {
    assertThatThrownBy(() -> Section.parse("{a: 1, b: {c: 1, c: 2}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Duplicate");
  }

  @Test
  void anEmptyFileIsAnEmptyMapping() {
    assertThat(Section.parse("").keys()).isEmpty();
  }

  @Test
  void aSecretIsAReferenceAndNeverPrinted(@TempDir Path directory) throws Exception {
    var file = Files.writeString(directory.resolve("pepper"), "very secret\n");
    var section = Section.parse("{good: 'file:%s', bad: sk-plain-secret}".formatted(file));

    var secret = section.secretOrNull("good");
    section.secretOrNull("bad");

    assertThat(secret).isNotNull().hasToString("***");
    assertThat(secret.resolve()).isEqualTo("very secret");
    assertThatThrownBy(section::finish)
        .hasMessage("bad: is a secret: give it as env:NAME or file:PATH")
        .message()
        .doesNotContain("sk-plain-secret");
  }

  @Test
  void aSecretThatIsNotThereSaysWhereItWasLookedFor() {
    assertThatThrownBy(() -> new Secret("env:PENSTOCK_NO_SUCH_VARIABLE").resolve())
        .isInstanceOf(ConfigException.class)
        .hasMessage("environment variable PENSTOCK_NO_SUCH_VARIABLE is not set");
    assertThatThrownBy(() -> new Secret("file:/no/such/file").resolve())
        .isInstanceOf(ConfigException.class)
        .hasMessage("secret file /no/such/file cannot be read");
  }

  @Test
  void kafkaSettingsNeverPrintWhatClientsAreGiven() {
    var section =
        Section.parse(
            """
            kafka:
              bootstrap-servers: localhost:9092
              client: {sasl.jaas.config: 'password="hunter2"'}
            registry: {url: http://localhost:8080}
            """);

    var settings = KafkaSettings.of(section);
    section.finish();

    assertThat(settings.client()).containsKey("sasl.jaas.config");
    assertThat(settings.toString()).contains("sasl.jaas.config").doesNotContain("hunter2");
  }
}
