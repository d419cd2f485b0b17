package io.penstock.ingress.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.penstock.ingress.accept.Caller;

/** Answers an authenticated request. */
@FunctionalInterface
public interface SecuredHandler {

  /**
   * Answers.
   *
   * @throws ApiException to answer with an error envelope
   * @throws Exception for anything else; answered as {@code internal_error} and logged
   */
  void handle(Caller caller, ServerRequest request, ServerResponse response) throws Exception;
}
