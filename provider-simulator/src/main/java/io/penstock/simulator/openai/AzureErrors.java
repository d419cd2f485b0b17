package io.penstock.simulator.openai;

import io.penstock.simulator.dialect.ErrorBody;

/** Errors that Azure words otherwise than OpenAI. */
final class AzureErrors {
  private AzureErrors() {}

  static ErrorBody filtered() {
    return ErrorBody.json(
        400,
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField(
              "message",
              "The response was filtered due to the prompt triggering Azure OpenAI's content"
                  + " management policy. Please modify your prompt and retry.");
          json.writeNullField("type");
          json.writeStringField("param", "prompt");
          json.writeStringField("code", "content_filter");
          json.writeNumberField("status", 400);
          json.writeObjectFieldStart("innererror");
          json.writeStringField("code", "ResponsibleAIPolicyViolation");
          json.writeFieldName("content_filter_result");
          json.writeRawValue(AzureFilters.CONTENT);
          json.writeEndObject();
          json.writeEndObject();
          json.writeEndObject();
        });
  }
}
