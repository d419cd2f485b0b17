package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetMetadataTest {

  private static final Instant AT = Instant.parse("2026-11-21T10:15:30.123Z");

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 50, 95, 99, 100})
  void whatIsWrittenIsReadWhateverTheShareOfFinishedOffsets(int percent) {
    for (int seed = 0; seed < 20; seed++) {
      var bits = random(seed, percent, 20_000);

      var read = OffsetMetadata.decode(new OffsetMetadata(AT, bits).encode(Integer.MAX_VALUE));

      assertThat(read).isEqualTo(new OffsetMetadata(AT, bits));
    }
  }

  @Test
  void theWorstBitmapOfAWholeWindowFitsIntoKafkasDefaultLimit() {
    var text = new OffsetMetadata(AT, random(1, 50, 20_000)).encode(Integer.MAX_VALUE);

    assertThat(text.length()).isLessThan(4096);
  }

  @Test
  void aFewSlowCallsAmongThousandsTakeLittleRoom() {
    var bits = new BitSet();
    bits.set(0, 10_000);
    var random = new Random(7);
    for (int i = 0; i < 50; i++) {
      bits.clear(random.nextInt(10_000));
    }

    assertThat(new OffsetMetadata(AT, bits).encode(4096).length()).isLessThan(200);
  }

  @Test
  void aThousandSlowCallsAmongTwoMillionFinishedOnesLeaveRoomForMore() {
    var bits = new BitSet();
    bits.set(1, 2_000_000);
    var random = new Random(8);
    for (int i = 0; i < 1000; i++) {
      bits.clear(random.nextInt(2_000_000));
    }

    var text = new OffsetMetadata(AT, bits).encode(4096);

    assertThat(text.length()).isLessThan(3072);
    assertThat(OffsetMetadata.decode(text)).isEqualTo(new OffsetMetadata(AT, bits));
  }

  @Test
  void whatDoesNotFitIsCutFromTheEndAndNeverInvented() {
    var bits = random(3, 50, 20_000);

    var text = new OffsetMetadata(AT, bits).encode(500);

    assertThat(text.length()).isLessThanOrEqualTo(500);
    var read = OffsetMetadata.decode(text);
    assertThat(read).isNotNull();
    var invented = (BitSet) read.finished().clone();
    invented.andNot(bits);
    assertThat(invented.isEmpty()).isTrue();
    assertThat(read.finished().cardinality()).isGreaterThan(500);
    assertThat(read.finished()).isEqualTo(bits.get(0, read.finished().length()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1", "1!!!", "1AAAA", "2AAAAAAAAAAA", "some other tool's words"})
  void whatIsNotOursIsIgnored(String text) {
    var read = OffsetMetadata.decode(text);

    assertThat(read == null || read.finished().isEmpty()).isTrue();
  }

  @Test
  void randomTextsNeverFail() {
    var random = new Random(11);
    for (int i = 0; i < 5000; i++) {
      var text = new StringBuilder("1");
      for (int length = random.nextInt(40); length > 0; length--) {
        text.append("ABCDEFGHabcdefgh0123456789-_".charAt(random.nextInt(28)));
      }

      var read = OffsetMetadata.decode(text.toString());

      assertThat(read == null || read.finished().length() <= 1 << 23).isTrue();
    }
  }

  private static BitSet random(int seed, int percent, int length) {
    var random = new Random(seed);
    var bits = new BitSet();
    for (int i = 0; i < length; i++) {
      bits.set(i, random.nextInt(100) < percent);
    }
    return bits;
  }
}
