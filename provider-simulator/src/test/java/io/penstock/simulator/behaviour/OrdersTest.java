package io.penstock.simulator.behaviour;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrdersTest {
  @Test
  void modelNamesCarryOrders() {
    var model =
        ModelName.parse(
            "gpt-4o+fault-503-times-2+latency-200ms+gap-5ms+tokens-9+retry-after-3s+unicode");

    assertThat(model.base()).isEqualTo("gpt-4o");
    assertThat(model.magic()).isFalse();
    assertThat(model.orders())
        .isEqualTo(
            new Orders(
                Optional.of(new FaultOrder(Fault.HTTP_503, 2, FaultOrder.AFTER_DEFAULT)),
                Optional.of(Duration.ofMillis(200)),
                Optional.of(Duration.ofMillis(5)),
                Optional.of(Duration.ofSeconds(3)),
                OptionalInt.of(9),
                OptionalInt.empty(),
                Set.of(Trait.UNICODE)));
  }

  @Test
  void aNameMayBeNothingButAnOrder() {
    assertThat(fault("sim-500")).isEqualTo(FaultOrder.of(Fault.HTTP_500));
    assertThat(fault("fault-503")).isEqualTo(FaultOrder.of(Fault.HTTP_503));
    assertThat(fault("sim-html-502")).isEqualTo(FaultOrder.of(Fault.HTML_502));
    assertThat(fault("fault-cut-after-5-times-1")).isEqualTo(new FaultOrder(Fault.CUT, 1, 5));
    assertThat(ModelName.parse("fault-503").magic()).isTrue();
    assertThat(ModelName.parse("sim-large").orders()).isEqualTo(Orders.NONE);
    assertThat(ModelName.parse("gpt-4o").orders()).isEqualTo(Orders.NONE);
  }

  @Test
  void aMisspeltOrderIsNotTakenForAName() {
    assertThatThrownBy(() -> ModelName.parse("m+fault-flood"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("unknown fault 'flood'; known are none, http400,");
    assertThatThrownBy(() -> ModelName.parse("fault-flood")).hasMessageContaining("flood");
    assertThatThrownBy(() -> ModelName.parse("m+nonsense")).hasMessage("unknown order 'nonsense'");
    assertThatThrownBy(() -> ModelName.parse("m+tokens-many"))
        .hasMessage("'tokens-many' must end with a whole number");
    assertThatThrownBy(() -> ModelName.parse("m+latency-2h"))
        .hasMessage("a time must be between 0 and 1 h");
  }

  @Test
  void everyFaultAndTraitIsReadByItsName() {
    for (var fault : Fault.values()) {
      assertThat(Fault.parse(fault.wireName())).isEqualTo(fault);
      assertThat(fault("m+fault-" + fault.wireName() + "-after-7"))
          .isEqualTo(new FaultOrder(fault, FaultOrder.ALWAYS, 7));
    }
    for (var trait : Trait.values()) {
      assertThat(ModelName.parse("m+" + trait.wireName()).orders().has(trait)).isTrue();
    }
  }

  @Test
  void ordersAreWrittenAsTheyAreRead() {
    var text = "fault-cut-after-5-times-2+latency-1500ms+tokens-9+tool-calls-2+different";

    assertThat(Orders.parse(text).text()).isEqualTo(text);
  }

  @Test
  void strongerOrdersLeaveRoomForWeakerOnes() {
    var orders = Orders.parse("fault-503").or(Orders.parse("fault-500+latency-1s"));

    assertThat(orders).isEqualTo(Orders.parse("fault-503+latency-1s"));
  }

  @Test
  void ordersInTheBookHoldForTheirTime() {
    var book = new OrderBook();
    var down = Orders.parse("fault-503");
    book.place("m", down, Optional.of(Duration.ofSeconds(60)), 0);
    book.place(OrderBook.EVERY_MODEL, Orders.parse("latency-1s"), Optional.empty(), 0);

    assertThat(book.of("m", 59_999_999_999L)).isEqualTo(down);
    assertThat(book.of("m", 60_000_000_000L)).isEqualTo(Orders.parse("latency-1s"));
    assertThat(book.of("other", 1)).isEqualTo(Orders.parse("latency-1s"));
    assertThat(book.all(1)).containsOnlyKeys("m", "*");
    book.clear();
    assertThat(book.of("m", 1)).isEqualTo(Orders.NONE);
  }

  private static FaultOrder fault(String model) {
    return ModelName.parse(model).orders().fault().orElseThrow();
  }
}
