"""Which queue of a log is which queue of a scenario."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.history import History
from sim.scenario.errors import Problem, ScenarioError, did_you_mean, list_names
from sim.scenario.model import Scenario


@dataclass(frozen=True, eq=False)
class Matching:
    """`places` has for each queue of the log its place in the scenario, -1 for none.

    `strangers` are queues of the log that the scenario does not have, `silent` places of queues
    of the scenario that the log does not have; `notes` are sentences about them.
    """

    places: NDArray[np.int32]
    strangers: tuple[str, ...]
    silent: tuple[int, ...]
    notes: tuple[str, ...]


def match(history: History, scenario: Scenario) -> Matching:
    """Match queues by name, else by `id`; one queue on either side is the same whatever its name.

    Raises ScenarioError when no queue of the log is in the scenario, or two of them are the same.
    """
    names = [queue.name for queue in scenario.queues]
    ids = {queue.id: place for place, queue in enumerate(scenario.queues) if queue.id is not None}
    by_name = {name: place for place, name in enumerate(names)}
    found = [by_name.get(name, ids.get(name, -1)) for name in history.queues]
    notes = []
    if len(names) == len(history.queues) == 1 and found == [-1]:
        found = [0]
        if history.queues[0].strip():
            notes.append(
                f"The log's only queue {history.queues[0]!r} is taken for the scenario's"
                f" {names[0]!r}."
            )
    strangers = [name for name, place in zip(history.queues, found, strict=True) if place < 0]
    kept = [place for place in found if place >= 0]
    source = history.reading.source
    if history.queues and not kept:
        told = f"no queue of the log is in the scenario, which has {list_names(names)}: found "
        told += list_names(strangers) + did_you_mean(strangers[0], names)
        raise ScenarioError([Problem(source, 0, 0, "", told)])
    twice = sorted({names[place] for place in kept if kept.count(place) > 1})
    if twice:
        told = f"two queues of the log, by name and by `id`, are the scenario's {list_names(twice)}"
        raise ScenarioError([Problem(source, 0, 0, "", told)])
    for name in strangers:
        notes.append(
            f"The log's queue {name!r} is not in the scenario{did_you_mean(name, names)}: its calls"
            " are left out."
        )
    silent = [place for place in range(len(names)) if place not in kept]
    for place in silent:
        near = did_you_mean(names[place], history.queues)
        notes.append(f"The scenario's queue {names[place]!r} has no calls in the log{near}.")
    return Matching(np.array(found, np.int32), tuple(strangers), tuple(silent), tuple(notes))
