package io.penstock.platform.telemetry;

/** The agreed keys of log events. Never prompts, completions, secrets or whole records. */
public final class LogKeys {

  public static final String REQUEST = "requestId";
  public static final String ORGANIZATION = "organization";
  public static final String BATCH = "batch";
  public static final String MODEL = "model";
  public static final String POOL = "pool";
  public static final String ATTEMPT = "attempt";
  public static final String ERROR_CODE = "errorCode";
  public static final String TOPIC = "topic";
  public static final String PARTITION = "partition";
  public static final String COUNT = "count";
  public static final String ADDRESS = "address";
  public static final String STATE = "state";

  /** Which Kafka Streams application. */
  public static final String APPLICATION = "application";

  public static final String MILLISECONDS = "milliseconds";

  private LogKeys() {}
}
