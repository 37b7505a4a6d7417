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
# A scenario is loaded, simulated and drawn, all from Python. The scenario is
# `scenarios/day.yaml`: calls peak before noon, an early and a late shift overlap.
# Callers hang up when their patience ends; here we also send them away after 100 s.

# %%
from pathlib import Path

import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from sim.experiment.run import run
from sim.scenario.load import load_scenario

here = Path.cwd()
root = here if (here / "scenarios").is_dir() else here.parent
changes = ["queues.service.wait_timeout=100s", "replications=100"]

scenario = load_scenario(root / "scenarios" / "day.yaml", changes)
result = run(scenario, intervals=True, log=True)
document = result.document(with_intervals=True)

# %% [markdown]
# `document` is what `callsim run --intervals --json` prints: plain dictionaries and lists.
# Counts are summed over all replications, so we divide by their number. Every estimate comes
# with its 95 % confidence interval, `low` to `high`.


# %%
def clock(seconds):
    """Instants of the scenario as wall-clock time."""
    return pd.Timestamp(scenario.start) + pd.to_timedelta(seconds, unit="s")


def by_interval(document):
    """One row for each reporting interval of the whole day, calls as means per day."""
    rows = [row for row in document["intervals"] if row["queue"] == "total"]
    counts = pd.DataFrame([row["counts"] for row in rows]) / document["replications"]
    levels = pd.DataFrame([row["metrics"]["service_level"] for row in rows])
    lengths = [row["metrics"]["queue_length_mean"]["value"] for row in rows]
    starts = pd.DatetimeIndex([clock(row["start_s"]) for row in rows], name="from")
    table = counts[["offered", "serviced", "abandoned"]].join(levels[["value", "low", "high"]])
    return table.assign(queue_length=lengths).set_index(starts)


day = by_interval(document)
agents = pd.DataFrame(document["agent_intervals"])
on_shift = agents.pivot(index="start_s", columns="agents", values="on_shift")
on_shift.index = day.index
day.join(on_shift).round(2)

# %% [markdown]
# ## The day by the half hour

# %%
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#555555"
GREEN, SAND = "#6aa584", "#d9c58b"
TARGET = 0.80

plt.rcParams.update(
    {
        "figure.dpi": 100,
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 10.5,
        "legend.frameon": False,
    }
)

width = day.index[1] - day.index[0]
edges = day.index.append(day.index[-1:] + width)


def as_steps(values):
    """A value for each interval, the last one repeated, to be drawn against `edges`."""
    return np.append(values, values.iloc[-1])


figure, (calls, staff, queue, level) = plt.subplots(
    4, 1, figsize=(9, 10), sharex=True, height_ratios=[3, 2, 2, 3], layout="constrained"
)

bars = {"width": width, "align": "edge", "edgecolor": "white"}
calls.bar(day.index, day["serviced"], color=BLUE, label="answered", **bars)
calls.bar(
    day.index, day["abandoned"], bottom=day["serviced"], color=ORANGE, label="abandoned", **bars
)
calls.step(edges, as_steps(day["offered"]), where="post", color=GREY, lw=1, label="offered")
calls.set_title("Calls per half hour, by when they arrived")
calls.legend(ncols=3, loc="upper right")

below = np.zeros(len(edges))
for name, color in zip(on_shift, (GREEN, SAND), strict=True):
    above = below + as_steps(on_shift[name])
    staff.fill_between(edges, below, above, step="post", color=color, lw=0, label=name)
    below = above
staff.set_title("Agents on shift")
staff.legend(ncols=2, loc="upper right")

queue.fill_between(
    edges, as_steps(day["queue_length"]), step="post", color=ORANGE, alpha=0.75, lw=0
)
queue.set_title("Mean number of callers waiting")

middle = day.index + width / 2
level.fill_between(middle, 100 * day["low"], 100 * day["high"], color=BLUE, alpha=0.25, lw=0)
level.plot(middle, 100 * day["value"], "o-", color=BLUE, ms=4, lw=1.2)
level.axhline(100 * TARGET, color=GREY, lw=1, ls="--")
level.text(edges[-1], 100 * TARGET - 2, "target 80 %", color=GREY, ha="right", va="top")
threshold = scenario.queues[0].service_level.threshold_s
level.set_title(f"Service level: answered within {threshold:g} s, % (band: 95 % confidence)")
level.set_ylim(40, 102)

for axes in (calls, staff, queue):
    axes.set_ylim(bottom=0)
level.set_xlim(edges[0], edges[-1])
level.xaxis.set_major_locator(mdates.HourLocator())
level.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
plt.show()

# %% [markdown]
# ## How long callers wait
#
# `result.calls()` is the call log, a row per call. A wait ends with the answer or with leaving.
# Most calls are answered at once; the picture shows the others. (Rounded, because joining + 100 s
# - joining is not always 100 s in floating point.)

# %%
log = pd.DataFrame(result.calls())
log["wait"] = (log["answer"].fillna(log["leave"]) - log["arrival"]).round(6)
waited = log[log["wait"] > 0]
timeout = scenario.queues[0].wait_timeout_s
ends = {
    "answered": waited["outcome"] == "done",
    "hung up": waited["cause"] == "hangup",
    "sent away by the timeout": waited["cause"] == "timeout",
}

figure, axes = plt.subplots(figsize=(9, 4.2), layout="constrained")
axes.hist(
    [waited.loc[mask, "wait"] for mask in ends.values()],
    bins=np.arange(0, timeout + 10, 5),
    weights=[np.full(mask.sum(), 1 / scenario.replications) for mask in ends.values()],
    stacked=True,
    color=[BLUE, ORANGE, GREY],
    label=list(ends),
    rwidth=0.9,
)
top = 1.15 * axes.get_ylim()[1]
axes.set_ylim(0, top)
for at, text, side in (
    (threshold, f" threshold {threshold:g} s", "left"),
    (timeout, f"timeout {timeout:g} s ", "right"),
):
    axes.axvline(at, color="black", lw=1, ls="--")
    axes.text(at, top, text, ha=side, va="top")
axes.set_xlim(0, timeout + 8)
axes.set_xlabel("wait, s")
axes.set_ylabel("calls per day, by 5 s of wait")
axes.set_title(f"{1 - len(waited) / len(log):.0%} of all calls are answered at once; the others:")
axes.legend(loc="upper right", bbox_to_anchor=(0.93, 0.93))
plt.show()

# %% [markdown]
# ## A question
#
# The level breaks down at 15:00, when the early shift goes home. What if two of its four agents
# stayed for another hour? The same callers meet both schedules (common random numbers), so the
# difference is known more sharply than either number.

# %%
longer = (
    "agents.early.schedule=[{from: 09:00, to: 11:00, count: 5},"
    " {from: 11:00, to: 15:00, count: 4}, {from: 15:00, to: 16:00, count: 2}]"
)
changed = load_scenario(root / "scenarios" / "day.yaml", [*changes, longer])
after = run(changed, intervals=True).document(with_intervals=True)
day_after = by_interval(after)

figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
plans = (
    (day, "as planned", {"color": BLUE, "lw": 3.5, "ms": 7}),
    (day_after, "two stay until 16:00", {"color": ORANGE, "lw": 1.2, "ms": 4}),
)
for table, name, style in plans:
    low, high = 100 * table["low"], 100 * table["high"]
    axes.fill_between(middle, low, high, color=style["color"], alpha=0.2, lw=0)
    axes.plot(middle, 100 * table["value"], "o-", label=name, **style)
axes.axhline(100 * TARGET, color=GREY, lw=1, ls="--")
axes.set_title("Service level, % (the plans are one until 15:00)")
axes.set_ylim(40, 102)
axes.set_xlim(edges[0], edges[-1])
axes.xaxis.set_major_locator(mdates.HourLocator())
axes.xaxis.set_major_formatter(mdates.DateFormatter("%H:%M"))
axes.legend(loc="lower right")
plt.show()

# %%
missed, missed_after = (table["high"] < TARGET for table in (day, day_after))
worst = day["value"].idxmin()
whole, whole_after = (d["total"]["metrics"]["service_level"]["value"] for d in (document, after))
given_up, given_up_after = (d["total"]["counts"]["abandoned"] for d in (document, after))
spared = (given_up - given_up_after) / scenario.replications
answer = (
    f"As planned, {missed.sum()} of {len(day)} half hours miss {TARGET:.0%} beyond doubt, "
    f"{worst:%H:%M} worst with {day['value'].min():.0%}; with two early agents until 16:00 "
    f"{missed_after.sum()} do, {worst:%H:%M} reaches {day_after.loc[worst, 'value']:.0%}, the day "
    f"{whole_after:.1%} instead of {whole:.1%}, and {spared:.1f} fewer callers a day give up."
)
print(answer)
