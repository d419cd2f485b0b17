package io.penstock.ingress.sweep;

/** What was removed. */
enum Swept {
  FILE,
  BODY,
  ANSWER,
  USE,
  KEY
}
