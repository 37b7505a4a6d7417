"""A question to Erlang's formulas as a person writes it: texts with units, checked all at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sim.planning.erlang import FORMULAS, Answer, System, answer
from sim.theory.offered_wait import Leaving

if TYPE_CHECKING:
    from sim.planning.erlang_search import Wanted

MOST_AGENTS = 10_000_000
MOST_WAITING = 10_000_000
Kind = TypeVar("Kind")


class WrongRequestError(Exception):
    """What was asked makes no sense: every problem, a line each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A system, and either its agents or targets from which they (or the rate) follow."""

    system: System
    agents: int | None
    wanted: tuple[Wanted, ...] = ()
    notes: tuple[str, ...] = ()
    """What is valid but looks wrong."""

    @classmethod
    def parse(
        cls,
        *,
        rate: object = None,
        handle_time: object = None,
        agents: object = None,
        patience: object = None,
        wait_timeout: object = None,
        max_waiting: object = None,
        threshold: object = "20s",
        formula: object = None,
        short_abandon: object = "10s",
        targets: Sequence[str] = (),
        dashes: bool = False,
    ) -> Asked:
        """From texts, as options or a scenario have them. `dashes`: name them as options.

        Raises WrongRequestError with all that is wrong; ScenarioError for a patience's
        distribution that is none.
        """
        from sim.planning.callers_patience import parse_patience
        from sim.scenario import units

        reader = _Reader(dashes)
        rate_per_s = reader.read("rate", units.parse_rate, rate)
        handle_time_s = reader.read("handle_time", _longer_than_0, handle_time)
        if handle_time is None:
            reader.problem("handle_time", "is required")
        count = reader.read("agents", lambda value: _whole(value, MOST_AGENTS), agents)
        timeout_s = reader.read("wait_timeout", _timeout, wait_timeout)
        timeout_s = math.inf if timeout_s is None else timeout_s
        room = reader.read("max_waiting", lambda value: _whole(value, MOST_WAITING), max_waiting)
        threshold_s = reader.read("threshold", units.parse_duration, threshold)
        short_s = reader.read("short_abandon", units.parse_duration, short_abandon)
        level = reader.read("formula", _formula, formula)
        leaving = reader.read(
            "patience", lambda text: parse_patience(str(text), timeout_s), patience
        )
        wanted: list[Wanted] = []
        if targets:
            from sim.planning.erlang_search import parse_wanted

            found = [
                reader.read("target", lambda text: parse_wanted(str(text)), t) for t in targets
            ]
            wanted = [each for each in found if each is not None]
        reader.check_question(rate is not None, agents is not None, bool(targets))
        reader.done()
        assert handle_time_s is not None and threshold_s is not None and short_s is not None
        system = System(
            rate_per_s=rate_per_s or 0.0,
            handle_time_s=handle_time_s,
            leaving=Leaving(None, timeout_s) if leaving is None else leaving,
            max_waiting=room,
            threshold_s=threshold_s,
            short_abandon_s=short_s,
            formula=level or FORMULAS[0],
        )
        for each in wanted:
            reader.check_target(system, each)
        reader.done()
        notes = _milliseconds(reader.name("wait_timeout"), timeout_s)
        return cls(system, count, tuple(wanted), notes)

    def found(self) -> Answer:
        """The answer. Raises NoAnswerError where there is none, WrongRequestError."""
        if not self.wanted:
            assert self.agents is not None
            return answer(self.system, self.agents)
        from sim.planning.erlang_search import fewest_agents, most_calls

        try:
            if self.agents is None:
                return fewest_agents(self.system, self.wanted)
            return most_calls(self.system, self.agents, self.wanted)
        except ValueError as error:
            raise WrongRequestError(str(error)) from None


class _Reader:
    """Reads one value after the other and keeps what is wrong with them."""

    def __init__(self, dashes: bool) -> None:
        self._dashes = dashes
        self._problems: list[str] = []

    def name(self, name: str) -> str:
        return "--" + name.replace("_", "-") if self._dashes else f"`{name}`"

    def problem(self, name: str, message: str) -> None:
        self._problems.append(f"{self.name(name)}: {message}")

    def read(self, name: str, how: Callable[[object], Kind], value: object) -> Kind | None:
        if value is None:
            return None
        try:
            return how(value)
        except ValueError as error:
            self.problem(name, str(error))
            return None

    def check_question(self, rate: bool, agents: bool, target: bool) -> None:
        """Two of the three tell the third."""
        names = [self.name(each) for each in ("rate", "agents", "target")]
        if rate + agents + target != 2:
            self._problems.append(
                f"give two of {', '.join(names[:2])} and {names[2]}: the third follows from them"
            )

    def check_target(self, system: System, wanted: Wanted) -> None:
        """A target limits something that can happen."""
        from sim.planning.erlang_search import refusal

        why = refusal(system, wanted)
        if why is not None:
            option = {
                "abandonment": ("patience", "wait_timeout"),
                "blocked_share": ("max_waiting",),
            }
            names = " or ".join(self.name(each) for each in option[wanted.metric])
            self.problem(
                "target", f"`{wanted.text[:80]}`: {why}: give {names}, or leave out the target"
            )

    def done(self) -> None:
        if self._problems:
            raise WrongRequestError("\n".join(self._problems))


def _longer_than_0(value: object) -> float:
    from sim.scenario.units import parse_duration

    seconds = parse_duration(value)
    if seconds <= 0.0:
        raise ValueError("must be longer than 0")
    return seconds


def _timeout(value: object) -> float:
    """Seconds of a timeout, as in a scenario: a bare number is milliseconds, 0 none."""
    from sim.scenario.units import parse_timeout

    try:
        value = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        pass
    else:
        if not math.isfinite(value):
            raise ValueError("a timeout must be finite")
    return parse_timeout(value) or math.inf


def _milliseconds(name: str, timeout_s: float) -> tuple[str, ...]:
    """A bare number so small that seconds may have been meant."""
    from sim.scenario.units import SUSPECT_BELOW_S, Milliseconds

    if not isinstance(timeout_s, Milliseconds) or timeout_s >= SUSPECT_BELOW_S:
        return ()
    number = f"{timeout_s * 1000:g}"
    return (
        f"{name}: `{number}` means {number} milliseconds: write `{number}s` if seconds were meant"
        " [milliseconds-suspected]",
    )


def _whole(value: object, most: int) -> int:
    from sim.scenario.errors import shown_value

    text = str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit():
        raise ValueError(f"expected a whole number of 0 or more, found {shown_value(value)}")
    if len(text) > 20 or int(text) > most:
        raise ValueError(f"at most {most:,}, found {text[:40]}")
    return int(text)


def _formula(value: object) -> str:
    from sim.scenario.errors import did_you_mean, list_names

    name = str(value)
    if name not in FORMULAS:
        near = did_you_mean(name, FORMULAS)
        raise ValueError(f"no formula `{name[:60]}`: one of {list_names(FORMULAS)}{near}")
    return name
