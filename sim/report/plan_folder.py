"""A plan as a folder: the document, and the scenario with the plan filled in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.experiment.store import whole_file
from sim.report.folder import FolderInUseError, check_folder, json_text
from sim.scenario.dump import dump_scenario
from sim.scenario.model import Scenario

PLAN = "plan.json"
SCENARIO = "scenario.yaml"


def check_plan_folder(directory: str | os.PathLike[str], *, force: bool) -> None:
    """Refuse a folder that can't be written to or holds other results, before time is spent.

    Raises FolderInUseError.
    """
    check_folder(directory, force=force)
    folder = Path(directory)
    if (folder / PLAN).exists() and not force:
        raise FolderInUseError(
            f"{folder} holds another plan ({PLAN});"
            " choose another folder, or overwrite it with --force"
        )


def write_plan_folder(
    document: Mapping[str, Any],
    scenario: Scenario,
    directory: str | os.PathLike[str],
    *,
    force: bool = False,
) -> None:
    """Write both files, each whole or not at all; the folder is made if need be."""
    check_plan_folder(directory, force=force)
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in ((SCENARIO, dump_scenario(scenario)), (PLAN, json_text(document))):
        with whole_file(folder / name) as out:
            out.write(content.encode("utf-8", "backslashreplace"))
