"""Erlang's formulas from Python: `sim.erlang`, in the words of `callsim erlang`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sim.planning.asked import Asked, WrongRequestError
from sim.planning.erlang import Answer
from sim.report.formula import erlang_report, rows, sentence, warnings


class Erlang:
    """How a number of agents fares, by formula. Printed it is a sentence and a table.

    Its attributes are those of the document: `agents`, `model`, `service_level`, `asa_s`, ...;
    `warnings` says what looks wrong.
    """

    def __init__(self, found: Answer, asked: Asked) -> None:
        self._found = found
        self._asked = asked
        self.document: dict[str, Any] = found.document()
        self.warnings: list[str] = warnings(found, asked)

    def __getattr__(self, name: str) -> Any:
        if name != "document" and name in self.document:
            return self.document[name]
        raise AttributeError(f"no {name!r}: there are {', '.join(self.__dict__['document'])}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.document})

    def _repr_html_(self) -> str:
        from html import escape

        cells = "".join(
            f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in rows(self._found)
        )
        told = [sentence(self._found, self._asked), *self._warned()]
        return "".join(f"<p>{escape(line)}</p>" for line in told) + f"<table>{cells}</table>"

    def __str__(self) -> str:
        report = erlang_report(self._found, self._asked).rstrip()
        return "\n".join([report, *self._warned()])

    def _warned(self) -> list[str]:
        return [f"Warning: {warning}" for warning in self.warnings]

    def __repr__(self) -> str:
        return f"<Erlang {self._found.model}>"


def erlang(
    *,
    handle_time: str,
    rate: str | None = None,
    agents: int | None = None,
    target: str | Sequence[str] = (),
    patience: str | Mapping[str, object] | None = None,
    wait_timeout: str | int | None = None,
    max_waiting: int | None = None,
    threshold: str = "20s",
    formula: str = "answered_of_incoming",
    short_abandon: str = "10s",
) -> Erlang:
    """One queue with one group of agents, in its stationary state, without simulation.

    Two of `rate`, `agents` and `target` are given: with a target in place of the agents the answer
    has the fewest that meet it, in place of the rate the most calls that may come. `patience` is
    the mean of an exponential law, or a distribution as in a scenario. Raises ValueError for a
    request that makes no sense, `sim.NoAnswerError` where nothing meets the target or the queue
    grows without bound.

    >>> import sim
    >>> found = sim.erlang(rate="9.5/min", handle_time="5min", target="service_level >= 80%")
    >>> found.agents, round(found.service_level, 4)
    (54, 0.8272)
    >>> sim.erlang(rate="9.5/min", handle_time="5min", agents=50, patience="2min")
    <Erlang M/M/50+M>
    """
    if isinstance(patience, Mapping):
        patience = json.dumps(dict(patience))
    targets = [target] if isinstance(target, str) else list(target)
    try:
        asked = Asked.parse(
            rate=rate, handle_time=handle_time, agents=agents, patience=patience,
            wait_timeout=wait_timeout, max_waiting=max_waiting, threshold=threshold,
            formula=formula, short_abandon=short_abandon, targets=targets,
        )  # fmt: skip
        return Erlang(asked.found(), asked)
    except WrongRequestError as error:
        raise ValueError(str(error)) from None
