package io.penstock.billing.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CsvTest {

  @Test
  void whatIsWrittenIsReadBack() {
    var values = List.of("a", "", "b,c", "say \"x\"", "two\nlines", "-1.5");

    assertThat(Csv.parse(Csv.line(values) + Csv.line(List.of("x"))))
        .containsExactly(values, List.of("x"));
  }

  @Test
  void aTextThatASpreadsheetWouldRunIsMadeHarmless() {
    assertThat(Csv.line(List.of("=1+1", "+x", "-x", "-3", "@a")))
        .isEqualTo("'=1+1,'+x,'-x,-3,'@a\r\n");
  }

  @Test
  void aMarkAtTheBeginningAndEmptyLinesAreLeftOut() {
    assertThat(Csv.parse("\uFEFFa,b\r\n\r\n1,2"))
        .containsExactly(List.of("a", "b"), List.of("1", "2"));
  }

  @Test
  void aQuotationMarkThatIsNotClosedIsRefused() {
    assertThatThrownBy(() -> Csv.parse("a,\"b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a quotation mark is not closed");
  }
}
