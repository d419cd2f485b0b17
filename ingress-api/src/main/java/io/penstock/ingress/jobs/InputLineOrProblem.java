package io.penstock.ingress.jobs;

/** What came of reading a line: the line, or why it is refused. */
public sealed interface InputLineOrProblem permits InputLine, LineProblem {}
