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
# # Validation against theory: does the simulator tell the truth?
#
# For simple queues the answers are known exactly. With exponential times and impatient callers
# (M/M/n+M, Erlang A) `sim.theory` computes them; the simulator estimates them. If both are right,
# theory lies within the 95 % confidence interval nineteen times in twenty.

# %%
import matplotlib.pyplot as plt
import pandas as pd

import sim
from sim.theory.erlang import erlang_a

QUEUE = """
horizon: 12h
warmup: 2h
replications: 100
at_horizon: stop
queues:
  - name: calls
    arrivals: {rate: 60/h}
    service_time: {distribution: exponential, mean: 5min}
    patience: {distribution: exponential, mean: 2min}
agents:
  - {name: team, count: 10}
"""
queue = sim.loads(QUEUE)

# %% [markdown]
# ## From an idle team to one that is overrun
#
# Ten agents, services of five minutes, callers who wait two minutes on average, and from 60 to
# 180 calls an hour: from half of what the agents can do to one and a half times as much. Each load
# has a seed, and so callers, of its own.

# %%
METRICS = ("abandonment", "wait_mean_s", "queue_length_mean")
rows = []
for seed, rate in enumerate(range(60, 181, 10), start=1):
    run = sim.run(queue.with_values({"queues.calls.arrivals.rate": f"{rate}/h", "seed": seed}))
    exact = erlang_a(rate / 3600, 300, 10, 120)
    estimate = run.frame().loc["total"]
    for metric in METRICS:
        low, high = estimate[f"{metric}_low"], estimate[f"{metric}_high"]
        rows.append((rate, metric, getattr(exact, metric), estimate[metric], low, high))
table = pd.DataFrame(rows, columns=["calls/h", "metric", "theory", "simulated", "low", "high"])
table["within"] = (table["low"] <= table["theory"]) & (table["theory"] <= table["high"])
table[table["calls/h"].isin([60, 120, 180])].set_index(["calls/h", "metric"]).round(4)

# %%
figure, panels = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
titles = ("abandonment", "mean wait, s", "mean number waiting")
for axes, metric, title in zip(panels, METRICS, titles, strict=True):
    part = table[table["metric"] == metric]
    reach = [part["simulated"] - part["low"], part["high"] - part["simulated"]]
    axes.plot(part["calls/h"], part["theory"], color="#555555", label="theory")
    axes.errorbar(part["calls/h"], part["simulated"], yerr=reach, fmt="o", ms=3, capsize=2,
                  label="simulated, 95 %")  # fmt: skip
    axes.set_title(title, loc="left")
    axes.set_xlabel("calls per hour")
panels[0].legend(frameon=False)
plt.show()

# %% [markdown]
# ## How often theory lies outside
#
# An interval that holds the truth 95 times in 100 misses it now and then; one that always held it
# would be too wide. The three metrics of one load come of the same calls, so they miss together.
# The long version, with every part of the model and bounds for all comparisons at once, is the
# page on validation.

# %%
outside, compared = int((~table["within"]).sum()), len(table)
widest = ((table["simulated"] - table["theory"]).abs() / table["theory"]).max()
print(
    f"Theory lies within the 95 % confidence interval in {compared - outside} of {compared} "
    f"comparisons, where about {0.95 * compared:.0f} are expected, and no estimate is further "
    f"than {widest:.1%} from it."
)
