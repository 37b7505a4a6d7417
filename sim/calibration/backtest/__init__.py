"""Backtest: whether the days of a real log look like days of a scenario, and where they do not.

`matching` says which queue of the log is which of the scenario, `days` cuts the log into days,
`observed` counts them as a run counts its replications, `predicted` simulates days beside them,
`terms` makes the same numbers of both, `exchange` tests whether the two can be told apart,
`judge` puts verdicts together, `document` writes them down. `backtest` in `judge` does it all.
"""
