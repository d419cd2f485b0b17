package io.penstock.ingress.stream;

import io.penstock.ingress.jobs.BatchState.Batch;
import io.penstock.ingress.jobs.BatchState.Ended;
import io.penstock.ingress.jobs.BatchState.Running;
import io.penstock.ingress.jobs.BatchState.Validating;
import io.penstock.ingress.jobs.BatchState.Writing;
import io.penstock.ingress.jobs.BatchTerms;
import io.penstock.ingress.jobs.Cursor;
import io.penstock.ingress.jobs.Ending;
import io.penstock.ingress.jobs.LineProblem;
import io.penstock.ingress.jobs.OutputFiles;
import io.penstock.ingress.jobs.Stop;
import io.penstock.ingress.jobs.Tally;
import io.penstock.ingress.jobs.Work;
import io.penstock.schemas.avro.BatchEnding;
import io.penstock.schemas.avro.BatchError;
import io.penstock.schemas.avro.BatchPhase;
import io.penstock.schemas.avro.BatchView;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A batch as the store holds it, and back. */
final class BatchViews {

  private BatchViews() {}

  static BatchView record(Batch batch) {
    var view = terms(batch.terms());
    switch (batch) {
      case Validating _ -> view.setPhase(BatchPhase.VALIDATING);
      case Running(_, var work, var cursor, var tally, var stop) -> {
        view.setPhase(BatchPhase.RUNNING);
        put(view, work, cursor, tally, stop);
      }
      case Writing(_, var work, var cursor, var tally, var stop, var at) -> {
        view.setPhase(BatchPhase.WRITING);
        put(view, work, cursor, tally, stop);
        view.setFinalizingAt(at);
      }
      case Ended ended -> {
        view.setPhase(BatchPhase.ENDED);
        put(view, ended.work(), ended.cursor(), ended.tally(), ended.stop());
        view.setFinalizingAt(ended.writingAt());
        view.setEndedAt(ended.at());
        view.setEnding(BatchEnding.valueOf(ended.ending().name()));
        view.setOutputFile(ended.files().output());
        view.setErrorFile(ended.files().error());
        view.setOutputLines(ended.files().outputLines());
        view.setErrorLines(ended.files().errorLines());
        view.setErrors(errors(ended.problems()));
      }
    }
    return view.build();
  }

  private static BatchView.Builder terms(BatchTerms terms) {
    return BatchView.newBuilder()
        .setBatch(terms.id())
        .setOrganization(terms.organization())
        .setApiKey(terms.apiKey())
        .setProject(terms.project())
        .setTeam(terms.team())
        .setInputFile(terms.inputFile())
        .setEndpoint(terms.endpoint())
        .setCompletionWindow(terms.completionWindow())
        .setMetadata(terms.metadata())
        .setOutputExpiresAfterSeconds(terms.outputExpiresAfterSeconds())
        .setCreatedAt(terms.createdAt())
        .setExpiresAt(terms.expiresAt());
  }

  private static void put(
      BatchView.Builder view,
      @Nullable Work work,
      Cursor cursor,
      Tally tally,
      @Nullable Stop stop) {
    if (work != null) {
      view.setRequests(work.requests());
      view.setModel(work.model());
      view.setInProgressAt(work.startedAt());
    }
    view.setDispatched(cursor.dispatched());
    view.setNextOffset(cursor.nextOffset());
    view.setNextLine(cursor.nextLine());
    view.setPumpStopped(cursor.stopped());
    view.setSucceeded(tally.succeeded());
    view.setFailed(tally.failed());
    view.setRetries(tally.retries());
    view.setInputTokens(tally.inputTokens());
    view.setCachedTokens(tally.cachedTokens());
    view.setOutputTokens(tally.outputTokens());
    view.setReasoningTokens(tally.reasoningTokens());
    view.setChargeNanoUsd(tally.chargeNanoUsd());
    if (stop != null) {
      view.setStop(BatchEnding.valueOf(stop.reason().name()));
      view.setStoppedAt(stop.at());
    }
  }

  static List<BatchError> errors(List<LineProblem> problems) {
    return problems.stream()
        .map(
            problem ->
                new BatchError(problem.code(), problem.message(), problem.param(), problem.line()))
        .toList();
  }

  static List<LineProblem> problems(List<BatchError> errors) {
    return errors.stream()
        .map(
            error ->
                new LineProblem(
                    error.getCode(), error.getMessage(), error.getParam(), error.getLine()))
        .toList();
  }

  static Batch state(BatchView view) {
    var terms =
        new BatchTerms(
            view.getBatch(),
            view.getOrganization(),
            view.getApiKey(),
            view.getProject(),
            view.getTeam(),
            view.getInputFile(),
            view.getEndpoint(),
            view.getCompletionWindow(),
            view.getMetadata(),
            view.getOutputExpiresAfterSeconds(),
            view.getCreatedAt(),
            view.getExpiresAt());
    return switch (view.getPhase()) {
      case VALIDATING -> new Validating(terms);
      case RUNNING -> new Running(terms, known(view), cursor(view), tally(view), stop(view));
      case WRITING ->
          new Writing(
              terms,
              known(view),
              cursor(view),
              tally(view),
              stop(view),
              Objects.requireNonNull(view.getFinalizingAt()));
      case ENDED ->
          new Ended(
              terms,
              Ending.valueOf(Objects.requireNonNull(view.getEnding()).name()),
              Objects.requireNonNull(view.getEndedAt()),
              work(view),
              cursor(view),
              tally(view),
              stop(view),
              view.getFinalizingAt(),
              new OutputFiles(
                  view.getOutputFile(),
                  view.getErrorFile(),
                  view.getOutputLines(),
                  view.getErrorLines()),
              problems(view.getErrors()));
    };
  }

  private static Work known(BatchView view) {
    return Objects.requireNonNull(work(view), "a batch at work was validated");
  }

  private static @Nullable Work work(BatchView view) {
    return view.getInProgressAt() == null
        ? null
        : new Work(view.getRequests(), view.getModel(), view.getInProgressAt());
  }

  private static Cursor cursor(BatchView view) {
    return new Cursor(
        view.getDispatched(), view.getNextOffset(), view.getNextLine(), view.getPumpStopped());
  }

  private static Tally tally(BatchView view) {
    return new Tally(
        view.getSucceeded(),
        view.getFailed(),
        view.getRetries(),
        view.getInputTokens(),
        view.getCachedTokens(),
        view.getOutputTokens(),
        view.getReasoningTokens(),
        view.getChargeNanoUsd());
  }

  private static @Nullable Stop stop(BatchView view) {
    var at = view.getStoppedAt();
    var reason = view.getStop();
    return at == null || reason == null ? null : new Stop(Stop.Reason.valueOf(reason.name()), at);
  }
}
