package io.penstock.billing.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.billing.ledger.LedgerViolation;
import io.penstock.billing.report.BillingReader;
import io.penstock.billing.report.BillingReader.ElsewhereException;
import io.penstock.billing.report.BillingReader.UnavailableException;
import io.penstock.platform.catalog.ApiKeys;
import io.penstock.platform.catalog.Catalog;
import io.penstock.platform.http.Peers;
import io.penstock.platform.http.Peers.SilentException;
import io.penstock.schemas.ErrorCode;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.HostInfo;

/**
 * Turns functions of a request into handlers: finds out who asks, and answers a refusal with its
 * error. Thread-safe.
 */
final class Answering {

  /** Answers a request of a caller. */
  interface Answer {
    Body of(ServerRequest request, Caller caller) throws Refusal, UnavailableException;
  }

  private final BillingReader reader;
  private final ApiKeys keys;
  private final Supplier<Catalog> catalog;
  private final InstantSource clock;
  private final Peers peers;

  Answering(
      BillingReader reader,
      ApiKeys keys,
      Supplier<Catalog> catalog,
      InstantSource clock,
      Peers peers) {
    this.reader = reader;
    this.peers = peers;
    this.keys = keys;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** A handler for every caller with a key. */
  Handler with(Answer answer) {
    return (request, response) -> answer(request, response, Status.OK_200, answer);
  }

  /** A handler for super administrators. */
  Handler restricted(Status status, Answer answer) {
    return (request, response) ->
        answer(
            request,
            response,
            status,
            (asked, caller) -> {
              caller.requireSuperAdministrator();
              return answer.of(asked, caller);
            });
  }

  private void answer(
      ServerRequest request, ServerResponse response, Status status, Answer answer) {
    try {
      var caller = Caller.of(request, keys, catalog.get(), clock.instant());
      requireKnown(caller);
      send(response, status, answer.of(request, caller));
    } catch (Refusal e) {
      refuse(response, e);
    } catch (ElsewhereException e) {
      passOn(request, response, e);
    } catch (UnavailableException e) {
      notReady(response, String.valueOf(e.getMessage()));
    } catch (LedgerViolation e) {
      refuse(response, new Refusal(ErrorCode.INTERNAL_ERROR, null, e.getMessage() + "."));
    }
  }

  /** One that the catalogue no longer has, but that has books, is still there to be read. */
  private void requireKnown(Caller caller) throws Refusal, UnavailableException {
    var organization = caller.organization();
    if (!organization.equals(caller.key().getOrganization())
        && catalog.get().organization(organization) == null
        && reader.standing(organization).books().sequence() == 0) {
      throw Caller.noOrganization();
    }
  }

  /** Lets the instance that has the books answer; a body has been read and cannot be sent on. */
  private void passOn(
      ServerRequest request, ServerResponse response, ElsewhereException elsewhere) {
    if (Peers.asks(request) || request.content().hasEntity()) {
      notReady(response, String.valueOf(elsewhere.getMessage()));
      return;
    }
    try {
      var owner = elsewhere.owner();
      Peers.answer(
          response, peers.ask(new HostInfo(owner.getHostString(), owner.getPort()), request));
    } catch (SilentException e) {
      notReady(response, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      notReady(response, "this instance is being stopped");
    }
  }

  private static void notReady(ServerResponse response, String why) {
    response.header(HeaderNames.RETRY_AFTER, "1");
    refuse(response, new Refusal(ErrorCode.NOT_READY, null, "Not ready: " + why + "."));
  }

  private static void refuse(ServerResponse response, Refusal refusal) {
    send(
        response,
        Status.create(refusal.code().httpStatus()),
        Body.json(BillingJson.refusal(refusal)));
  }

  private static void send(ServerResponse response, Status status, Body body) {
    response.status(status);
    response.header(HeaderNames.CONTENT_TYPE, body.contentType());
    response.header(HeaderNames.CACHE_CONTROL, "no-store");
    if (body.file() != null) {
      response.header(
          HeaderNames.CONTENT_DISPOSITION, "attachment; filename=\"" + body.file() + "\"");
    }
    response.send(body.bytes());
  }
}
