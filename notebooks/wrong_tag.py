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
# # What a wrong tag costs
#
# An agent takes a queue's calls when the agent's tags match the queue's. A misspelt tag is no
# error: it is just a tag that nobody asks for. What does it cost, and who would notice?

# %%
from pathlib import Path

import matplotlib.pyplot as plt

import sim

root = next(p for p in (Path.cwd(), Path.cwd().parent) if (p / "scenarios").is_dir())
nobody = sim.load(root / "scenarios" / "no_match.yaml")
for warning in nobody.warnings:
    print(warning)

# %% [markdown]
# ## A queue that nobody matches
#
# In `scenarios/no_match.yaml` a queue wants agents who speak both languages, and there are none.
# Loading it says so; a run shows what that means.

# %%
sim.run(nobody).frame()[["offered", "serviced", "abandoned", "abandonment"]]

# %% [markdown]
# `tag_match: any` would let an agent with one of the tags take the call:

# %%
sim.run(nobody.with_values({"tag_match": "any"})).frame()[["offered", "abandonment"]].round(3)

# %% [markdown]
# ## One misspelt tag
#
# Most mistakes are smaller. In `scenarios/support.yaml` three bilingual agents help out with
# invoices. Somebody writes `biling` in the place of `billing`:

# %%
right = sim.load(root / "scenarios" / "support.yaml").with_values({"replications": 100})
wrong = right.with_values({"agents.bilingual.tags": ["en", "de", "biling"]})
for warning in wrong.warnings:
    print(warning)

# %% [markdown]
# All queues still have agents, so the report of a run looks like that of an ordinary busy day. The
# same callers, with and without the mistake, tell what it does:

# %%
difference = sim.compare({"right": right, "misspelt": wrong})
rows = difference.frame().query("metric == 'abandonment'").set_index("subject")
rows[["value", "low", "high", "independent_to_paired"]].round(4)

# %%
figure, axes = plt.subplots(figsize=(8, 3.4), layout="constrained")
points = 100 * rows[["value", "low", "high"]].iloc[::-1]
reach = [points["value"] - points["low"], points["high"] - points["value"]]
axes.errorbar(points["value"], points.index, xerr=reach, fmt="o", capsize=4)
axes.axvline(0, color="#555555", lw=1, ls="--")
axes.set_xlabel("abandonment, points more with the misspelt tag (95 % confidence)")
axes.set_title("What one misspelt tag costs, queue by queue", loc="left")
plt.show()

# %%
busy = difference.frame().query("metric == 'occupancy'").set_index("subject")["value"]
lost = {name: run.frame()["abandoned"] / run.replications for name, run in difference.runs.items()}
total = lost["misspelt"]["total"] - lost["right"]["total"]
billing = rows.loc["billing"]
print(
    f"One misspelt tag loses {total:.1f} callers a day, {100 * billing['value']:.1f} points more "
    f"of those who ask about invoices ({100 * billing['low']:.1f} to "
    f"{100 * billing['high']:.1f}), while its three agents are busy "
    f"{-100 * busy['agents.bilingual']:.0f} points less of their time: no queue fails, so only the "
    f"warning tells."
)
