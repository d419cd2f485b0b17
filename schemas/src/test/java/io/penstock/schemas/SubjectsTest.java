package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SubjectsTest {

  @Test
  void aTopicOfOneTypeHasOneSubject() {
    assertThat(Subjects.subject("penstock.usage", "x.UsageRecorded"))
        .isEqualTo("penstock.usage-value");
    assertThat(Subjects.subject("usage", "x.UsageRecorded")).isEqualTo("usage-value");
  }

  @Test
  void aTopicOfSeveralTypesHasOneSubjectForEach() {
    assertThat(Subjects.subject("penstock.replies", "x.ReplyChunk"))
        .isEqualTo("penstock.replies-x.ReplyChunk");
    assertThat(Subjects.subject("penstock.batches", "x.BatchCreated"))
        .isEqualTo("penstock.batches-x.BatchCreated");
  }

  @Test
  void topicsThatExistOncePerLanePoolOrOrganisationShareOne() {
    assertThat(Subjects.subject("penstock.requests.batch", "x.CancelRequested"))
        .isEqualTo(Subjects.subject("penstock.requests.interactive", "x.CancelRequested"))
        .isEqualTo("penstock.requests-x.CancelRequested");
    assertThat(Subjects.subject("penstock.calls.openai.batch", "x.CallAssigned"))
        .isEqualTo(Subjects.subject("penstock.calls.azure.interactive", "x.CallAssigned"))
        .isEqualTo("penstock.calls-value");
    assertThat(Subjects.subject("penstock.submissions.acme", "x.InferenceSubmitted"))
        .isEqualTo("penstock.submissions-value");
  }

  @Test
  void aTopicThatOnlyLooksLikeOneOfThemKeepsItsName() {
    assertThat(Subjects.subject("penstock.my-requests", "x.A"))
        .isEqualTo("penstock.my-requests-value");
    assertThat(Subjects.subject("penstock.requests.other", "x.A"))
        .isEqualTo("penstock.requests.other-value");
  }
}
