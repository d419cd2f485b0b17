package io.penstock.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CreditsCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final List<String> asked = new ArrayList<>();
  private final HttpServer server = HttpServer.create();

  CreditsCommandTest() throws IOException {
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void creditIsAddedUnderTheIdThatIsGiven() {
    answers("/v1/admin", 200, "{\"id\":\"order-18\",\"amount_usd\":\"250\"}");

    var exit =
        run("credits", "add", "acme", "250", "--id", "order-18", "--gift", "--note", "welcome");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(asked)
        .containsExactly(
            "POST /v1/admin/organizations/acme/credits "
                + "{\"id\":\"order-18\",\"amount_usd\":\"250\",\"paid\":false,\"note\":\"welcome\"}");
    assertThat(out).hasToString("acme has the credit order-18 of 250 USD\n");
  }

  @Test
  void withoutAnIdNothingIsAddedBecauseARepetitionCouldNotBeTold() {
    var exit = run("credits", "add", "acme", "250");

    assertThat(exit).isEqualTo(2);
    assertThat(asked).isEmpty();
    assertThat(err.toString()).contains("Missing required option: '--id=ID'");
  }

  @Test
  void aRefusalIsOneLine() {
    answers(
        "/v1/admin",
        409,
        "{\"error\":{\"message\":\"The organisation has another credit.\",\"code\":\"conflict\"}}");

    var exit = run("credits", "add", "acme", "250", "--id", "order-18");

    assertThat(exit).isEqualTo(1);
    assertThat(err).hasToString("penstock: The organisation has another credit. (409 conflict)\n");
  }

  @Test
  void theListSaysWhatIsLeftInTheOrderOfUse() {
    answers(
        "/v1/admin",
        200,
        """
        {"prepaid": true, "data": [
          {"id": "order-18", "amount_usd": "250", "paid": true, "note": ""},
          {"id": "welcome", "amount_usd": "5", "paid": false, "note": "to begin with"}]}
        """);
    answers(
        "/v1/billing",
        200,
        """
        {"credits": [
          {"grant": "welcome", "amount_usd": "5", "used_usd": "1.5", "left_usd": "3.5", "expires_at": "2027-01-01T00:00:00Z"},
          {"grant": "order-18", "amount_usd": "250", "used_usd": "0", "left_usd": "250", "expires_at": null}]}
        """);

    var exit = run("credits", "list", "acme");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().lines())
        .first()
        .isEqualTo("acme is prepaid: without credit its requests are refused");
    assertThat(out.toString())
        .containsPattern("welcome +2027-01-01T00:00:00Z +gift to begin with +5.00 +1.50 +3.50")
        .containsPattern("order-18 +never +250.00 +0.00 +250.00")
        .matches("(?s).*welcome.*order-18.*");
  }

  @Test
  void whoHasNoCreditIsToldHowToGetIt() {
    answers("/v1/admin", 200, "{\"prepaid\": false, \"data\": []}");
    answers("/v1/billing", 200, "{\"credits\": []}");

    var exit = run("credits", "list", "acme");

    assertThat(exit).isZero();
    assertThat(out.toString()).contains("is not prepaid").contains("`penstock credits add`");
  }

  @Test
  void marginsThatAreNotShownAreNotPrintedAsZero() {
    answers("/v1/billing", 200, "{\"data\": [{\"model\": \"fast\", \"charge_usd\": \"1\"}]}");

    var exit = run("usage", "--margin");

    assertThat(exit).isEqualTo(1);
    assertThat(err.toString()).contains("super administrators only");
  }

  private void answers(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          var sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          asked.add(
              (exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent).strip());
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
  }

  private int run(String... arguments) {
    var all = new ArrayList<>(List.of(arguments));
    all.addAll(
        List.of("--url", "http://127.0.0.1:" + server.getAddress().getPort(), "--key", "sk-test"));
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all.toArray(String[]::new));
  }
}
