package io.penstock.worker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.Failure;
import io.penstock.schemas.avro.FailureKind;
import io.penstock.worker.limit.Feedback;
import io.penstock.worker.limit.Feedback.Kind;
import io.penstock.worker.limit.PoolLimiter;
import io.penstock.worker.limit.RateHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which limit a refusal counts in. */
class CallFeedbackTest {

  @Test
  void aRefusalForItsRateIsItsModels() {
    var feedback = feedback(FailureKind.RATE_LIMITED, 700L, "{}");

    assertThat(feedback.kind()).isEqualTo(Kind.MODEL_LIMITED);
    assertThat(feedback.pause()).isEqualTo(Duration.ofMillis(700));
  }

  @Test
  void aRefusalInTheNameOfTheWholeProjectIsTheCredentials() {
    var feedback =
        feedback(FailureKind.RATE_LIMITED, null, quota("GenerateRequestsPerMinutePerProject"));

    assertThat(feedback.kind()).isEqualTo(Kind.CREDENTIAL_LIMITED);
  }

  @Test
  void aDaysQuotaOfOneModelIsNotTheCredentialsAndIsAskedForOnceAMinute() {
    var body = quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier");

    var feedback = feedback(FailureKind.PROVIDER_BUDGET, null, body);

    assertThat(feedback.kind()).isEqualTo(Kind.MODEL_LIMITED);
    assertThat(feedback.pause()).isEqualTo(PoolLimiter.PAUSE_MAX);
    assertThat(CallFeedback.usedUpForModel(failure(FailureKind.PROVIDER_BUDGET, null, body)))
        .isTrue();
  }

  @Test
  void moneyThatIsUsedUpIsNoRate() {
    var feedback =
        feedback(
            FailureKind.PROVIDER_BUDGET, null, "{\"error\":{\"code\":\"insufficient_quota\"}}");

    assertThat(feedback.kind()).isEqualTo(Kind.TAKEN);
  }

  private static Feedback feedback(FailureKind kind, @Nullable Long wait, String body) {
    return CallFeedback.refused(10, failure(kind, wait, body), null, RateHeaders.NONE);
  }

  private static Failure failure(FailureKind kind, @Nullable Long wait, String body) {
    return new Failure(
        kind, 429, null, "no", wait, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static String quota(String id) {
    return "{\"error\":{\"details\":[{\"violations\":[{\"quotaId\":\"" + id + "\"}]}]}}";
  }
}
