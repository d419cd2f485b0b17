package io.penstock.router.budget;

import io.penstock.schemas.avro.BudgetEntry;

/**
 * A budget has reached a threshold; told once in each window.
 *
 * @param budget which
 * @param group which of its groups; empty when it has none
 * @param window which window
 * @param percent the threshold
 * @param used spent and held, in the budget's unit
 */
public record Alert(BudgetEntry budget, String group, String window, int percent, long used) {}
