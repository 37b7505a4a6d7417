"""Experiments: replications of a scenario and the result that they make together."""
