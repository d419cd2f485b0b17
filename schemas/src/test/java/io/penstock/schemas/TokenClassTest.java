package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.TokenUsage;
import io.penstock.schemas.avro.UsageSource;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class TokenClassTest {

  @Test
  void everyCountOfAUsageIsAClass() {
    assertThat(TokenClass.ALL)
        .extracting(TokenClass::wire)
        .containsExactlyElementsOf(
            TokenUsage.getClassSchema().getFields().stream()
                .filter(
                    field ->
                        field.schema().isUnion()
                            && field.schema().getTypes().contains(Schema.create(Schema.Type.LONG)))
                .map(Schema.Field::name)
                .toList());
  }

  @Test
  void eachClassReadsItsOwnField() {
    var usage = TokenUsage.newBuilder().setSource(UsageSource.PROVIDER).build();
    var next = 1L;
    for (var each : TokenClass.ALL) {
      usage.put(each.wire(), next++);
    }

    assertThat(TokenClass.ALL)
        .extracting(each -> each.count(usage))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(TokenClass.input(usage)).isEqualTo(21);
    assertThat(TokenClass.output(usage)).isEqualTo(34);
  }

  @Test
  void whatIsNotMentionedAddsNothing() {
    var usage =
        TokenUsage.newBuilder().setSource(UsageSource.PROVIDER).setInputUncached(5L).build();

    assertThat(TokenClass.input(usage)).isEqualTo(5);
    assertThat(TokenClass.output(usage)).isZero();
    assertThat(TokenClass.OUTPUT_TEXT.count(usage)).isNull();
  }
}
