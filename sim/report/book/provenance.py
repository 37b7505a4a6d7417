"""Where the numbers come from, and how to get them again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sim.report import text
from sim.report.book.parts import Document, Field, Kind, Table
from sim.scenario.model import Scenario

Fact = tuple[str, str | int | float]

SCENARIO_FILE = "scenario.yaml"


def run_facts(document: Document) -> list[Fact]:
    """Version, scenario, seed and so on; not how long it took, which no second run repeats."""
    facts: list[Fact] = [
        ("callsim", str(document["version"])),
        ("scenario", str(document["scenario"])),
        ("sha256 of the scenario", str(document["sha256"])),
        ("seed", int(document["seed"])),
        ("engine", str(document["engine"])),
        ("replications", int(document["replications"])),
        ("horizon", text.duration(document["horizon_s"])),
        ("warm-up", text.duration(document["warmup_s"])),
        ("confidence level", text.percent(document["confidence"])),
    ]
    return facts


def comparison_facts(document: Document) -> list[Fact]:
    """The same of a comparison; each variant's scenario with its own sha256."""
    facts: list[Fact] = [
        ("callsim", str(document["version"])),
        ("seed of all variants", int(document["seed"])),
        ("engine", str(document["engine"])),
        ("replications of each variant", int(document["replications"])),
        ("confidence level", text.percent(document["confidence"])),
    ]
    for row in document["results"]:
        facts.append((f"sha256 of {row['variant']}", str(row["sha256"])))
    return facts


def command(document: Document, scenario: Scenario | None, *, intervals: bool) -> str:
    """The command that gives these numbers again, once the scenario is in a file.

    A precision is asked for with the replications that it took: the first look finds it reached.
    """
    parts = ["callsim run", SCENARIO_FILE if scenario is not None else "SCENARIO"]
    if scenario is None:
        parts.append(f"--seed {document['seed']}")
        if "batches" not in document:
            parts.append(f"--replications {document['replications']}")
        parts.append(f"--horizon {document['horizon_s']:.15g}s")
    elif scenario.replications != document["replications"]:
        parts.append(f"--replications {document['replications']}")
    if document["engine"] != "compiled":
        parts.append(f"--engine {document['engine']}")
    if "batches" in document:
        parts.append(f"--batches {document['batches']}")
    precisions = document.get("precision", ())
    parts += [f"--precision {shlex.quote(wanted['target'])}" for wanted in precisions]
    if not all(wanted["reached"] for wanted in precisions):
        parts.append(f"--max-replications {document['replications']}")
    if "controlled" in document:
        parts.append("--control-variates")
    if intervals:
        parts.append("--intervals")
    return " ".join([*parts, "--json"])


def facts_table(key: str, title: str, facts: Sequence[tuple[str, str | int | float]]) -> Table:
    """Names and what they are, as a table of two columns."""
    return Table(
        key,
        title,
        [
            Field("what", Kind.TEXT, [name for name, _ in facts]),
            Field("is", Kind.FACT, [value for _, value in facts]),
        ],
        wide=True,
    )


def lines_table(content: str) -> Table:
    """A text line by line, as a sheet holds it."""
    return Table("scenario", "Scenario", [Field(SCENARIO_FILE, Kind.TEXT, content.splitlines())])
