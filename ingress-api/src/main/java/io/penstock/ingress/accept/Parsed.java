package io.penstock.ingress.accept;

/** What came of reading a body: either everything that policy needs, or why it is refused. */
public sealed interface Parsed permits ParsedBody, Rejected {}
