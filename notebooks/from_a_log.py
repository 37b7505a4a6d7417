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
# # From a log to a plan
#
# A telephone system has written down what happened. Can a scenario be made of it that predicts the
# next days, and how many agents would it take to answer 80 % of the callers within 20 seconds?
#
# The log here is simulated, twenty days of `scenarios/day.yaml`, so that the truth is known. Yours
# is a file: of VoIPBin, Asterisk, FreeSWITCH, or any table of calls.

# %%
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd
import yaml

import sim

root = next(p for p in (Path.cwd(), Path.cwd().parent) if (p / "scenarios").is_dir())
truth = sim.load(root / "scenarios" / "day.yaml").with_values({"replications": 20, "seed": 2})
calls = sim.run(truth, calls=True).calls()

opens = pd.Timestamp("2026-11-23 09:00") + pd.to_timedelta(calls["replication"], unit="D")
waits = calls["answer"].fillna(calls["leave"]) - calls["arrival"]
log = Path(mkdtemp()) / "log.csv"
pd.DataFrame(
    {
        "time": (opens + pd.to_timedelta(calls["arrival"], unit="s")).dt.round("s"),
        "queue": calls["queue"],
        "wait": waits.round(),
        "talk": calls["service"].round(),
        "agent": calls["agent"],
        "outcome": calls["answer"].notna().map({True: "answered", False: "abandoned"}),
    }
).to_csv(log, index=False)
print(log.read_text()[:300])

# %% [markdown]
# Whole seconds, as most systems write them. Nothing in it says how patient callers are, how long
# the work after a call takes, or when agents were there.
#
# ## The fit
#
# The last eight days are kept back.

# %%
fitted = sim.calibrate(log, last="2026-12-04", name="fitted")
axes = sim.figures.fitted(fitted)

# %% [markdown]
# How long conversations take, and how long callers would wait, in the log and by the distributions
# that were chosen. Most callers were answered before they gave up: the lower curve counts them as
# having stayed so long. The truth is a mean patience of two minutes, and a wrap-up of 30 s
# of which the log tells nothing.

# %%
queue = fitted.document["queues"][0]
estimates = {
    "calls a day": queue["arrivals"]["calls_per_day"],
    "conversation, s": queue["service"]["mean_s"],
    "patience, s": queue["patience"]["fit"]["mean_s"],
    "wrap-up, s": fitted.document["wrap_up"]["mean_s"],
}
pd.DataFrame(estimates).T.round(1)

# %% [markdown]
# ## The test
#
# Do the days that were kept back look like days of the fitted scenario?

# %%
test = sim.backtest(fitted.scenario, log, first="2026-12-05")
test.frame()[["log", "predicted", "low", "high", "outcome"]].round(2)

# %%
axes = sim.figures.backtest(test)

# %% [markdown]
# ## The plan
#
# The scenario that has passed is staffed.

# %%
plan = sim.staff(fitted.scenario, "total.service_level >= 80%")
plan.agents

# %% [markdown]
# And does that hold in the world that the log came from? The plan's agents meet the true callers.

# %%
source = yaml.safe_load((root / "scenarios" / "day.yaml").read_text(encoding="utf-8"))
caller = source["queues"][0]
true_callers = {
    f"queues.service.{field}": caller[field]
    for field in ("arrivals", "service_time", "patience", "wrap_up")
}
tried = plan.scenario.with_values(true_callers | {"replications": 200})
level = sim.run(tried).frame().loc["total", "service_level"]
print(
    f"The log is of {len(calls):,} calls: {plan.agents['team']} agents answer {level:.1%} of the"
    f" true callers within 20 s, and the scenario fitted to the log had said"
    f" {plan.document['targets'][0]['estimate']['value']:.1%}."
)
