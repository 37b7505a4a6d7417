"""The metrics: formulas over sums, and their estimates over replications."""
