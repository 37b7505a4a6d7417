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
# # Routing rules and platforms: who waits, who works?
#
# `scenarios/platform.yaml` has three queues whose agents' tags overlap, and hands out calls as
# VoIPBin does: by polling, the newest call first. What would other rules do to the same callers?

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import sim

root = next(p for p in (Path.cwd(), Path.cwd().parent) if (p / "scenarios").is_dir())
platform = sim.load(root / "scenarios" / "platform.yaml").with_values({"replications": 100})
at_once = platform.with_values(
    {"dispatch": "immediate", "tag_match": "any", "flow_action_limit": None}
)
queues = platform.queues
platform.warnings[0]


# %% [markdown]
# ## Which agent: routing methods
#
# When several agents are free, a queue's `routing_method` says which of them gets the call.


# %%
def everywhere(scenario, field, value):
    """A copy in which every queue has this value."""
    return scenario.with_values({f"queues.{queue}.{field}": value for queue in queues})


methods = ("random", "longest_idle", "fewest_calls", "listed")
by_method = sim.compare({each: everywhere(at_once, "routing_method", each) for each in methods})
pd.DataFrame(
    {
        name: pd.concat([run.agents()["occupancy"], run.frame().loc["total", ["asa_s"]]])
        for name, run in by_method.runs.items()
    }
).T.astype(float).round(3)

# %% [markdown]
# Agents get more or less of the work, callers hardly notice: as long as nobody is idle while a call
# waits that they could take, it matters little who takes it.
#
# ## Which call: disciplines
#
# When an agent becomes free, a queue's `discipline` says which of its waiting calls comes next.

# %%
disciplines = ("fifo", "lifo", "random")
orders = {each: everywhere(at_once, "discipline", each) for each in disciplines}
by_order = sim.compare(orders | {"platform": platform})
columns = ["wait_mean_s", "asa_s", "wait_p50_s", "wait_p90_s", "wait_p99_s", "service_level"]
waits = pd.DataFrame({name: run.frame().loc["total"] for name, run in by_order.runs.items()}).T
waits[[*columns, "abandonment"]].astype(float).round(3)

# %%
shares = ["wait_p50_s", "wait_p90_s", "wait_p95_s", "wait_p99_s"]
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
for name, row in waits.iterrows():
    axes.plot(["50 %", "90 %", "95 %", "99 %"], row[shares].astype(float), "o-", label=name)
axes.set_yscale("log")
axes.set_yticks([5, 20, 60, 180, 600], ["5 s", "20 s", "1 min", "3 min", "10 min"])
axes.set_xlabel("so many of the callers ...")
axes.set_ylabel("... wait at most")
axes.set_title("The newest first: most wait less, some wait very long", loc="left")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## What the platform costs
#
# The platform polls once a second, takes the newest call, and drops a caller after 100 actions of
# the wait flow (325 s here). The difference to agents who take the longest wait at once, on the
# same callers, with its 95 % confidence interval:

# %%
compared = sim.compare({"longest wait at once": at_once, "platform": platform})
axes = sim.figures.differences(compared)

# %%
cost = compared.frame()
cost = cost[cost["subject"] == "total"].set_index("metric")
cost.loc[[*columns, "abandonment"], ["value", "low", "high", "independent_to_paired"]].round(3)

# %%
lost, level = cost.loc["abandonment"], cost.loc["service_level"]
idle = by_method.frame().query("subject == 'total' and metric == 'asa_s'")
print(
    f"Choosing other agents moves the mean wait by at most {idle['value'].abs().max():.1f} s, "
    f"choosing other calls the 99 % wait from {waits.loc['fifo', 'wait_p99_s']:.0f} s to "
    f"{waits.loc['lifo', 'wait_p99_s']:.0f} s; the platform answers {100 * level['value']:.1f} "
    f"points more of the callers within 20 s, which looks like progress, and loses "
    f"{100 * lost['value']:.1f} points more of them ({100 * lost['low']:.1f} to "
    f"{100 * lost['high']:.1f})."
)
