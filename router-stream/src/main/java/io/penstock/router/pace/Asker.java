package io.penstock.router.pace;

import io.penstock.schemas.avro.InferenceRequested;
import io.penstock.schemas.avro.RequestTicket;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whose pace a request counts for.
 *
 * @param tags without repetition
 * @param model by its own name, not an alias, so that no limit is evaded by another name
 */
public record Asker(
    String organization,
    String apiKey,
    @Nullable String team,
    @Nullable String project,
    @Nullable String endUser,
    List<String> tags,
    String model) {

  public Asker {
    tags = tags.stream().distinct().toList();
  }

  public static Asker of(InferenceRequested request, String model) {
    return new Asker(
        request.getOrganization(),
        request.getApiKey(),
        request.getTeam(),
        request.getProject(),
        request.getEndUser(),
        request.getTags(),
        model);
  }

  public static Asker of(RequestTicket ticket, String model) {
    return new Asker(
        ticket.getOrganization(),
        ticket.getApiKey(),
        ticket.getTeam(),
        ticket.getProject(),
        ticket.getEndUser(),
        ticket.getTags(),
        model);
  }
}
