"""Result documents as pandas tables, for people who go on with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

Document = Mapping[str, Any]


def queue_frame(document: Document) -> pd.DataFrame:
    """A row per queue and one for `total`: counts over all replications, then the metrics.

    A metric is in the columns `NAME`, `NAME_low` and `NAME_high`; what could not be had is NaN.
    """
    rows = [*document["queues"], {"name": "total", **document["total"]}]
    return _frame(rows, "name", "queue")


def agent_frame(document: Document) -> pd.DataFrame:
    """A row per agent group: its count and its metrics."""
    return _frame(document["agents"], "name", "group")


def interval_frame(document: Document) -> pd.DataFrame:
    """A row per queue (and `total`) and interval: counts over all replications, metrics."""
    return _frame(document["intervals"], "queue", "queue")


def difference_frame(document: Document) -> pd.DataFrame:
    """A row per variant, subject and metric of a comparison document.

    The subject is a queue, `total` or `agents.GROUP`; `independent_to_paired` is what common
    random numbers gained.
    """
    import pandas as pd

    gains = [row["independent_to_paired"] for row in document["variance_ratios"]]
    rows = [*document["differences"], *document["agent_differences"]]
    return pd.DataFrame(
        [
            {
                "variant": row["b"],
                "subject": row["queue"] if "queue" in row else f"agents.{row['agents']}",
                "metric": row["metric"],
                **row["difference"],
                "independent_to_paired": gain,
            }
            for row, gain in zip(rows, gains, strict=True)
        ]
    ).astype(dict.fromkeys((*_ENDS, "independent_to_paired"), float))


def backtest_frame(document: Document) -> pd.DataFrame:
    """A row per metric of a backtest document, by its name; by subject and metric of several."""
    import pandas as pd

    rows = [*document["metrics"], *document["agent_metrics"]]
    subjects = [row["queue"] if "queue" in row else f"agents.{row['agents']}" for row in rows]
    ends = {name: [row[name]["value"] for row in rows] for name in ("log", "predicted")}
    ends |= {end: [row["interval"][end] for row in rows] for end in ("low", "high")}
    ends |= {name: [row[name]["value"] for row in rows] for name in ("difference", "relative")}
    found = pd.DataFrame(ends, dtype=float)
    found["p"] = pd.array([row["p"] for row in rows], dtype="float64")
    found["days_outside"] = [row["days"]["outside"] for row in rows]
    found["outcome"] = [row["outcome"] for row in rows]
    metrics = [row["metric"] for row in rows]
    if len(set(subjects)) == 1:
        return found.set_index(pd.Index(metrics, name="metric"))
    return found.set_index(
        pd.MultiIndex.from_arrays([subjects, metrics], names=["subject", "metric"])
    )


def controlled_frame(document: Document) -> pd.DataFrame:
    """A row per subject and metric that has an estimate with control variates.

    The subject is a queue, `total` or `agents.GROUP`.
    """
    import pandas as pd

    subjects = [(row["name"], row) for row in document["queues"]]
    subjects.append(("total", document["total"]))
    subjects += [(f"agents.{row['name']}", row) for row in document["agents"]]
    rows = [
        {"subject": subject, "metric": metric, **estimate}
        for subject, row in subjects
        for metric, estimate in row["metrics"].items()
    ]
    numbers = (*_ENDS, "runs_saved")
    columns = ["subject", "metric", *numbers]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, float))


def target_frame(rows: Iterable[Document]) -> pd.DataFrame:
    """A row per target of a check: its outcome and its estimate."""
    import pandas as pd

    made = [{"target": r["target"], "outcome": r["outcome"], **r["estimate"]} for r in rows]
    columns = ["target", "outcome", *_ENDS]
    return pd.DataFrame(made, columns=columns).astype(dict.fromkeys(_ENDS, float))


_ENDS = ("value", "low", "high", "half_width")


def _frame(rows: Iterable[Document], key: str, index: str) -> pd.DataFrame:
    import pandas as pd

    flat = [dict(_flat(row, key, index)) for row in rows]
    return pd.DataFrame(flat, columns=None if flat else [index]).set_index(index)


def _flat(row: Document, key: str, index: str) -> Iterable[tuple[str, Any]]:
    yield index, row[key]
    for name, value in row.items():
        if name == "counts":
            yield from value.items()
        elif name == "metrics":
            for metric, estimate in value.items():
                if "value" in estimate:
                    for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
                        found = estimate[end]
                        yield f"{metric}{suffix}", float("nan") if found is None else found
        elif name != key and not isinstance(value, Mapping):
            yield name, value
