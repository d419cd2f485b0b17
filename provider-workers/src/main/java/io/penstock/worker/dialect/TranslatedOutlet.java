package io.penstock.worker.dialect;

import io.penstock.schemas.avro.TokenUsage;
import io.penstock.worker.dialect.canonical.StreamEvent;
import java.io.ByteArrayOutputStream;
import java.util.List;

/** Says in the caller's language what the provider said in its own. */
final class TranslatedOutlet implements Outlet {

  private static final byte[] NOTHING = {};

  private final CallerDialect.StreamWriter writer;
  private final boolean usageAsked;

  /**
   * Makes one.
   *
   * @param usageAsked whether the caller is told the usage
   */
  TranslatedOutlet(CallerDialect.StreamWriter writer, boolean usageAsked) {
    this.writer = writer;
    this.usageAsked = usageAsked;
  }

  @Override
  public byte[] write(byte[] raw, List<StreamEvent> fresh) {
    if (fresh.size() == 1) {
      return tells(fresh.getFirst()) ? writer.write(fresh.getFirst()) : NOTHING;
    }
    var out = new ByteArrayOutputStream();
    for (var step : fresh) {
      if (tells(step)) {
        out.writeBytes(writer.write(step));
      }
    }
    return out.toByteArray();
  }

  private boolean tells(StreamEvent step) {
    return switch (step) {
      case StreamEvent.Ended _ -> false;
      case StreamEvent.Used _ -> usageAsked;
      default -> true;
    };
  }

  @Override
  public byte[] end(TokenUsage usage, boolean told) {
    var out = new ByteArrayOutputStream();
    if (!told && usageAsked) {
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
