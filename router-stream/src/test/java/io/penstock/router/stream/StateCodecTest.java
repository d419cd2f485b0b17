package io.penstock.router.stream;

import static io.penstock.router.Fixtures.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.router.Fixtures;
import io.penstock.router.budget.Balance;
import io.penstock.router.pace.Levels;
import io.penstock.router.route.Effect;
import io.penstock.router.route.RequestEvent;
import io.penstock.router.route.RequestState;
import io.penstock.router.route.Router;
import io.penstock.router.route.World;
import io.penstock.router.select.PoolHealth;
import io.penstock.schemas.avro.AnswerTo;
import io.penstock.schemas.avro.CallAssigned;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.schemas.avro.StoredRequest;
import java.util.List;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;

class StateCodecTest {

  private static final World WORLD =
      new World(T0, Fixtures.table(), PoolHealth.ALL_UP, _ -> Balance.ZERO, Levels.NONE);

  private final StateCodec codec = new StateCodec();

  private static RequestState after(RequestEvent... events) {
    RequestState state = new RequestState.Unknown();
    for (var event : events) {
      state = Router.decide(state, event, WORLD).next();
    }
    return state;
  }

  private static RequestEvent requested() {
    return new RequestEvent.Requested(Fixtures.request("r1", "three", AnswerTo.BOTH));
  }

  private static RequestEvent streamed() {
    return new RequestEvent.Requested(Fixtures.stream("r1"));
  }

  private static RequestEvent broken() {
    var outcome = Fixtures.failed(call(), FailureKind.CUT, T0, null, Fixtures.usage(80, 3));
    outcome.setDelivered(Fixtures.delivered(4, true));
    return new RequestEvent.Failed(outcome);
  }

  private static CallAssigned call() {
    return Router.decide(new RequestState.Unknown(), requested(), WORLD).effects().stream()
        .filter(Effect.Call.class::isInstance)
        .map(effect -> ((Effect.Call) effect).call())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void everyStateIsReadAsItWasWritten() {
    var failed =
        new RequestEvent.Failed(
            Fixtures.failed(call(), FailureKind.RATE_LIMITED, T0, 1_500L, Fixtures.usage(80, 3)));
    var finished = new RequestEvent.Finished(Fixtures.finished(call(), T0));
    var states =
        List.of(
            after(requested()),
            after(requested(), failed),
            after(requested(), failed, finished),
            after(streamed()),
            after(streamed(), broken()),
            after(streamed(), new RequestEvent.Cancelled(Fixtures.cancel("r1"))),
            after(failed, finished, new RequestEvent.Cancelled(Fixtures.cancel("r1"))));

    for (var state : states) {
      assertThat(codec.decode(codec.encode(state))).isEqualTo(state);
    }
  }

  @Test
  void theHeadTellsKindAndTimeWithoutTheRest() {
    var open = codec.encode(after(requested()));
    var ended = codec.encode(after(requested(), new RequestEvent.Cancelled(Fixtures.cancel("r1"))));
    var early = codec.encode(after(new RequestEvent.Cancelled(Fixtures.cancel("r1"))));

    var cancelling =
        codec.encode(after(streamed(), new RequestEvent.Cancelled(Fixtures.cancel("r1"))));

    assertThat(StateCodec.kind(cancelling)).isEqualTo(StateCodec.Kind.OPEN);
    assertThat(StateCodec.time(cancelling)).isEqualTo(T0.plusSeconds(20).toEpochMilli());
    assertThat(StateCodec.kind(open)).isEqualTo(StateCodec.Kind.OPEN);
    assertThat(StateCodec.time(open)).isEqualTo(T0.plus(Fixtures.DEADLINE).toEpochMilli());
    assertThat(StateCodec.kind(ended)).isEqualTo(StateCodec.Kind.ENDED);
    assertThat(StateCodec.time(ended)).isEqualTo(T0.toEpochMilli());
    assertThat(StateCodec.kind(early)).isEqualTo(StateCodec.Kind.EARLY);
  }

  @Test
  void anOpenRequestIsSmallAndHoldsNoBody() {
    var bytes = codec.encode(after(requested()));

    assertThat(bytes).hasSizeLessThan(500);
    assertThat(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("messages");
  }

  @Test
  void theSchemaOfTheVersionWrittenIsTheOneInTheResources() {
    assertThat(SchemaNormalization.toParsingForm(StoredRequest.getClassSchema()))
        .as("a change of the state's schema is a new version with a resource of its own")
        .isEqualTo(SchemaNormalization.toParsingForm(StateCodec.writtenWith(StateCodec.VERSION)));
  }

  @Test
  void aVersionThatIsNotKnownIsRefused() {
    var bytes = codec.encode(after(requested()));
    bytes[0] = 99;

    assertThatThrownBy(() -> codec.decode(bytes))
        .hasMessage("request state of another version: 99");
  }
}
