package io.penstock.worker.dialect;

import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Says in the caller's language what the provider said in its own. */
final class TranslatedOutlet implements Outlet {

  private final CallerDialect.StreamWriter writer;

  TranslatedOutlet(CallerDialect.StreamWriter writer) {
    this.writer = writer;
  }

  @Override
  public byte[] write(byte[] raw, List<StreamEvent> fresh) {
    if (fresh.size() == 1 && !(fresh.getFirst() instanceof StreamEvent.Ended)) {
      return writer.write(fresh.getFirst());
    }
    var out = new ByteArrayOutputStream();
    for (var step : fresh) {
      if (!(step instanceof StreamEvent.Ended)) {
        out.writeBytes(writer.write(step));
      }
    }
    return out.toByteArray();
  }

  @Override
  public byte[] end(TokenUsage usage, boolean told) {
    var out = new ByteArrayOutputStream();
    if (!told) {
      out.writeBytes(writer.write(new StreamEvent.Used(usage)));
    }
    out.writeBytes(writer.write(new StreamEvent.Ended()));
    return out.toByteArray();
  }

  @Override
  public int events() {
    return writer.events();
  }

  @Override
  public String answerId() {
    return writer.answerId();
  }

  @Override
  public String model() {
    return writer.model();
  }
}
