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
# # Capacity planning of a day: how many agents in each shift?
#
# `scenarios/day.yaml` has an early and a late shift. Calls peak before noon, when the two overlap.
# At least 80 % of the callers should be answered within 20 seconds, over the whole day. Which is
# the cheapest pair of shifts that does it?

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import sim

root = next(p for p in (Path.cwd(), Path.cwd().parent) if (p / "scenarios").is_dir())
day = sim.load(root / "scenarios" / "day.yaml").with_values({"replications": 100})

# %% [markdown]
# ## Every plan
#
# Each combination of three to six agents in the two shifts is a copy of the scenario; the same
# callers meet all of them. (`callsim sweep` does this for thousands of plans.)

# %%
early, late = "agents.early.schedule[1].count", "agents.late.schedule[0].count"
plans = sim.variants(day, {early: range(3, 7), late: range(3, 7)})
runs = {name: sim.run(plan) for name, plan in plans.items()}
found = pd.DataFrame(
    {
        "early": [plans[name].model.agents[0].schedule[1].count for name in runs],
        "late": [plans[name].model.agents[1].schedule[0].count for name in runs],
        "level": [run.frame().loc["total", "service_level"] for run in runs.values()],
        "level_low": [run.frame().loc["total", "service_level_low"] for run in runs.values()],
        "cost": [run.agents()["cost"].sum() for run in runs.values()],
    },
    index=pd.Index(runs, name="plan"),
)
found.pivot(index="early", columns="late", values="level").round(3)

# %%
figure, axes = plt.subplots(figsize=(8, 4.2), layout="constrained")
for count, rows in found.groupby("early"):
    axes.plot(rows["late"], 100 * rows["level"], "o-", label=f"{count} early")
axes.axhline(80, color="#555555", lw=1, ls="--")
axes.set_xticks(range(3, 7))
axes.set_xlabel("late agents")
axes.set_ylabel("answered within 20 s, %")
axes.set_title("Each agent more helps less than the one before", loc="left")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Choose, then check with other callers
#
# A plan is good enough when its whole confidence interval is above 80 %. The cheapest of these was
# picked by looking at all of them, so luck may have helped it: it is checked with other callers
# (another seed), with a target as a scenario has it.

# %%
chosen = found[found["level_low"] >= 0.8].sort_values("cost").index[0]
target = {"expect": ["service.service_level >= 80%"], "seed": 2, "replications": 200}
checked = sim.check(plans[chosen].with_values(target))
checked.frame()[["target", "outcome", "value", "low", "high"]]

# %% [markdown]
# ## The day by the half hour
#
# The target holds for the day as a whole. Where in the day is it missed?

# %%
final = sim.run(plans[chosen].with_values({"seed": 2}), intervals=True)
axes = sim.figures.day(final)

# %%
plan, now = found.loc[chosen], found.loc[(found["early"] == 4) & (found["late"] == 4)].iloc[0]
level = checked.run.frame().loc["total"]
slots = final.intervals().loc["total"]
missed = slots[slots["service_level_high"] < 0.8]
first = pd.Timestamp(day.model.start) + pd.to_timedelta(missed["start_s"].iloc[0], unit="s")
assert checked.all_met
print(
    f"The cheapest plan is {plan['early']:.0f} early and {plan['late']:.0f} late agents: "
    f"{plan['cost']:,.0f} a day, {plan['cost'] - now['cost']:,.0f} more than today, and "
    f"{level['service_level']:.1%} (at least {level['service_level_low']:.1%}) answered in time "
    f"instead of {now['level']:.1%}; {len(missed)} half hours still miss 80 % beyond doubt, "
    f"the first at {first:%H:%M}."
)
