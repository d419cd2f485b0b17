package io.penstock.router.price;

import static io.penstock.router.price.TiersTest.line;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.router.Fixtures;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.AssumedTier;
import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.PinnedPrice;
import io.penstock.schemas.avro.PriceLine;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PriceCeilingTest {

  private static final PriceCeiling TIERS =
      ceiling(
          line("input_uncached", "1", 0, null),
          line("input_uncached", "2", 0, "priority"),
          line("output_text", "4", 0, null),
          line("output_text", "8", 0, "priority"),
          line("output_text", "2", 0, "flex"));

  private static final PriceCeiling MODALITIES =
      ceiling(
          line("input_uncached", "1", 0, null),
          line("input_image", "2", 0, null),
          line("input_audio", "3", 0, null),
          line("output_text", "4", 0, null));

  @Test
  void whoAsksForNoTierIsHeldForTheOrdinaryOneUnlessThePoolMayChoose() {
    for (var asked : new String[] {null, "", "auto", "Auto"}) {
      assertThat(output(asked, AssumedTier.DEFAULT)).as(asked).isEqualByComparingTo("4");
      assertThat(output(asked, AssumedTier.ANY)).as(asked).isEqualByComparingTo("8");
    }
  }

  @Test
  void whoAsksForATierIsHeldForThatAndTheOrdinaryOneWhateverThePoolSays() {
    for (var assumed : AssumedTier.values()) {
      assertThat(output("priority", assumed)).isEqualByComparingTo("8");
      assertThat(output("default", assumed)).isEqualByComparingTo("4");
      assertThat(output("flex", assumed)).isEqualByComparingTo("4");
    }
  }

  @Test
  void aPromptIsHeldAtThePriceOfImagesAndAudioOnlyIfItHasAny() {
    var request = request(null);
    assertThat(MODALITIES.input(request, AssumedTier.DEFAULT)).isEqualByComparingTo("1");

    request.getFacts().setImages(true);
    assertThat(MODALITIES.input(request, AssumedTier.DEFAULT)).isEqualByComparingTo("2");

    request.getFacts().setAudio(true);
    assertThat(MODALITIES.input(request, AssumedTier.DEFAULT)).isEqualByComparingTo("3");
  }

  @Test
  void audioThatNobodyPricedIsHeldAtTheDearestPrice() {
    var request = request(null);
    request.getFacts().setAudio(true);

    assertThat(TIERS.input(request, AssumedTier.DEFAULT)).isEqualByComparingTo("4");
  }

  private static BigDecimal output(@Nullable String asked, AssumedTier assumed) {
    return TIERS.output(request(asked), assumed);
  }

  private static InferenceRequested request(@Nullable String tier) {
    var request = Fixtures.request("r", "two", AnswerTo.REPLY);
    request.setServiceTier(tier);
    return request;
  }

  private static PriceCeiling ceiling(PriceLine... lines) {
    return PriceCeiling.of(
        PinnedPrice.newBuilder().setName("p").setVersion(1).setLines(List.of(lines)).build());
  }
}
