"""What a check found as JUnit XML, for the test reports of GitLab, Jenkins and their like.

A `testsuite` per scenario, a `testcase` per target. A target that is missed is a `failure` of type
`missed`, one that is not shown a `failure` of type `not_shown`: a check that shows nothing is no
success.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.report.checked import found

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Suite:
    """One scenario: its results as the check document has them, and what it took."""

    name: str
    rows: Sequence[Mapping[str, Any]]
    replications: int
    seed: int
    elapsed_s: float


def junit_xml(suites: Sequence[Suite]) -> str:
    """The XML document, in UTF-8 with its declaration."""
    root = ET.Element("testsuites", name="callsim check")
    for suite in suites:
        root.append(_suite(suite))
    every = [row for suite in suites for row in suite.rows]
    _count(root, every, sum(suite.elapsed_s for suite in suites))
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + ET.tostring(root, encoding="unicode") + "\n"


def write_junit(path: str | os.PathLike[str], suites: Sequence[Suite]) -> None:
    """Write the document whole or not at all: aside, then renamed. Raises OSError."""
    file = Path(path)
    aside = file.with_name(f".callsim-{os.getpid()}-{file.name}")
    try:
        aside.write_text(junit_xml(suites), encoding="utf-8")
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)


def _suite(suite: Suite) -> ET.Element:
    element = ET.Element("testsuite", name=_safe(suite.name))
    _count(element, suite.rows, suite.elapsed_s)
    properties = ET.SubElement(element, "properties")
    for name, value in (("replications", suite.replications), ("seed", suite.seed)):
        ET.SubElement(properties, "property", name=name, value=str(value))
    each_s = suite.elapsed_s / max(len(suite.rows), 1)
    for row in suite.rows:
        target = _safe(str(row["target"]))
        case = ET.SubElement(
            element, "testcase", classname=_safe(suite.name), name=target, time=f"{each_s:.3f}"
        )
        if row["outcome"] == "met":
            continue
        verdict = "missed" if row["outcome"] == "missed" else "not shown"
        failure = ET.SubElement(
            case, "failure", type=str(row["outcome"]), message=f"{target}: {verdict}"
        )
        failure.text = (
            f"{target}: {verdict}. Found {_safe(found(row))}"
            f" ({suite.replications} replications, seed {suite.seed})."
        )
    return element


def _count(element: ET.Element, rows: Sequence[Mapping[str, Any]], elapsed_s: float) -> None:
    failures = sum(row["outcome"] != "met" for row in rows)
    element.set("tests", str(len(rows)))
    element.set("failures", str(failures))
    element.set("errors", "0")
    element.set("time", f"{elapsed_s:.3f}")


def _safe(line: str) -> str:
    """XML can't hold every character, not even escaped."""
    return _NOT_XML.sub("\ufffd", line)
