# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # First steps: a working day in pictures
#
# A scenario is loaded, simulated, drawn and changed, all from Python. The scenario is
# `scenarios/day.yaml`: calls peak before noon, an early and a late shift overlap. Callers hang up
# when their patience ends; here we also send them away after 100 s.

# %%
from pathlib import Path

import pandas as pd

import sim

root = next(p for p in (Path.cwd(), Path.cwd().parent) if (p / "scenarios").is_dir())
changes = {"queues.service.wait_timeout": "100s", "replications": 100}
planned = sim.load(root / "scenarios" / "day.yaml").with_values(changes)
run = sim.run(planned, intervals=True, calls=True)
run

# %% [markdown]
# That is the report of `callsim run`. Every estimate comes with its 95 % confidence interval, from
# a hundred independent days. As tables for pandas the same is in `run.frame()`, `run.agents()`,
# `run.intervals()` and `run.calls()`:

# %%
run.calls()[["replication", "arrival", "answer", "leave", "outcome", "cause"]].head(3)

# %% [markdown]
# ## The day by the half hour

# %%
axes = sim.figures.day(run)

# %% [markdown]
# ## How long callers wait

# %%
axes = sim.figures.waits(run)

# %% [markdown]
# ## A question
#
# The level breaks down at 15:00, when the early shift goes home. What if two of its four agents
# stayed for another hour? The same callers meet both schedules (common random numbers), so the
# difference is known more sharply than either number.

# %%
staying = {
    "agents.early.schedule": [
        {"from": "09:00", "to": "11:00", "count": 5},
        {"from": "11:00", "to": "15:00", "count": 4},
        {"from": "15:00", "to": "16:00", "count": 2},
    ]
}
plans = {"as planned": planned, "two stay until 16:00": planned.with_values(staying)}
compared = sim.compare(plans)
axes = sim.figures.differences(compared)

# %%
later = sim.run(plans["two stay until 16:00"], intervals=True)
slots = pd.concat({"planned": run.intervals(), "later": later.intervals()}, axis=1).loc["total"]
slots.index = pd.Timestamp(planned.model.start) + pd.to_timedelta(
    slots[("planned", "start_s")], unit="s"
)
level = slots.xs("service_level", axis=1, level=1)
sure = slots.xs("service_level_high", axis=1, level=1) < 0.8
worst = level["planned"].idxmin()
gain = compared.frame().set_index(["subject", "metric"]).loc[("total", "service_level")]
print(
    f"As planned, {sure['planned'].sum()} of {len(level)} half hours miss 80 % beyond doubt, "
    f"{worst:%H:%M} worst with {level.loc[worst, 'planned']:.0%}; with two early agents until "
    f"16:00 {sure['later'].sum()} do, {worst:%H:%M} reaches {level.loc[worst, 'later']:.0%}, and "
    f"over the day {100 * gain['value']:.1f} points more of the callers are answered in time "
    f"({100 * gain['low']:.1f} to {100 * gain['high']:.1f})."
)
