"""Figures: what there is to draw of a result, and drawing it by name.

`FIGURES` names each figure and says what it shows and needs; `draw` gives a matplotlib figure,
`names_for` the figures that a result can give. The functions themselves (`day`, `waits`, ...) take
a result and return axes; they are loaded when first used, and matplotlib with them.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from sim.report.saved import Kind, Saved, open_result, reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.report.figures.by_interval import day as day
    from sim.report.figures.by_interval import week as week
    from sim.report.figures.comparing import differences as differences
    from sim.report.figures.giving_up import patience as patience
    from sim.report.figures.laws import fitted as fitted
    from sim.report.figures.listening import flow as flow
    from sim.report.figures.predicted import backtest as backtest
    from sim.report.figures.required import requirement as requirement
    from sim.report.figures.required import requirement_map as requirement_map
    from sim.report.figures.settling import warmup as warmup
    from sim.report.figures.staff import occupancy as occupancy
    from sim.report.figures.staff import served as served
    from sim.report.figures.sweeping import sweep as sweep
    from sim.report.figures.sweeping import sweep_map as sweep_map
    from sim.report.figures.timelines import calls as calls
    from sim.report.figures.waiting import waits as waits

THEMES = ("light", "dark")


class FigureError(Exception):
    """A figure that can't be drawn of this result, or not with these options."""


class Need(Enum):
    """What a figure needs besides the document; the value says how to get it."""

    INTERVALS = (
        "the intervals: run SCENARIO --out DIR, or --intervals --json; from Python"
        " sim.run(..., intervals=True)"
    )
    CALLS = "every call: run SCENARIO --out DIR; from Python sim.run(..., calls=True)"
    SCENARIO = "the scenario as it was run: run SCENARIO --out DIR"
    TABLE = "the sweep's table: sweep SCENARIO --set PATH=VALUES --out DIR"
    DAYS = "a horizon of more than a day: run SCENARIO --horizon 7d --out DIR, or see `day`"
    REQUIRED_DAYS = (
        "a horizon of more than a day: requirement SCENARIO --horizon 7d --target TARGET --out DIR,"
        " or see `requirement`"
    )
    FLOW = "a queue with a wait flow"
    TWO_SETTINGS = "two settings: sweep SCENARIO --set A=VALUES --set B=VALUES, or see `sweep`"


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A figure: the function that draws it, what it shows, of which results, what it needs."""

    name: str
    module: str
    shows: str
    kinds: tuple[Kind, ...] = (Kind.RUN,)
    needs: tuple[Need, ...] = ()

    @property
    def function(self) -> Callable[..., Any]:
        """The function `name`; loads matplotlib."""
        module = importlib.import_module(f"sim.report.figures.{self.module}")
        return getattr(module, self.name)  # type: ignore[no-any-return]

    @property
    def options(self) -> list[str]:
        """The options that the function takes."""
        return [
            name
            for name, each in inspect.signature(self.function).parameters.items()
            if each.kind is inspect.Parameter.KEYWORD_ONLY and name != "into"
        ]


def _figures() -> dict[str, FigureKind]:
    intervals, every_call, scenario = Need.INTERVALS, Need.CALLS, Need.SCENARIO
    every = [
        FigureKind(
            "day",
            "by_interval",
            "the day by interval: calls, waiting, agents on shift and busy, service level,"
            " abandonment",
            needs=(intervals,),
        ),
        FigureKind(
            "week",
            "by_interval",
            "several days, a row for each: calls and service level by interval",
            needs=(intervals, Need.DAYS),
        ),
        FigureKind(
            "waits", "waiting", "how long calls wait, with threshold, timeout and percentiles"
        ),
        FigureKind(
            "patience",
            "giving_up",
            "how long callers would stay, and when they gave up and why",
            needs=(every_call,),
        ),
        FigureKind("occupancy", "staff", "how busy each agent group is"),
        FigureKind("served", "staff", "which agent group served which queue"),
        FigureKind(
            "calls",
            "timelines",
            "a short window, call by call and agent by agent: who waited, who did what",
            needs=(scenario,),
        ),
        FigureKind(
            "flow",
            "listening",
            "what callers heard while they waited, and where they hung up",
            needs=(every_call, scenario, Need.FLOW),
        ),
        FigureKind(
            "differences",
            "comparing",
            "paired differences of a comparison, with their confidence intervals",
            kinds=(Kind.COMPARISON,),
        ),
        FigureKind(
            "sweep",
            "sweeping",
            "metrics along one setting of a sweep, a line for each value of another",
            kinds=(Kind.SWEEP,),
            needs=(Need.TABLE,),
        ),
        FigureKind(
            "sweep_map",
            "sweeping",
            "a metric over two settings of a sweep, and how uncertain it is",
            kinds=(Kind.SWEEP,),
            needs=(Need.TABLE, Need.TWO_SETTINGS),
        ),
        FigureKind(
            "requirement",
            "required",
            "agents by interval, required and by Erlang, and what comes of each",
            kinds=(Kind.REQUIREMENT,),
        ),
        FigureKind(
            "requirement_map",
            "required",
            "several days, a row for each: agents required, and how many more than Erlang A",
            kinds=(Kind.REQUIREMENT,),
            needs=(Need.REQUIRED_DAYS,),
        ),
        FigureKind(
            "backtest",
            "predicted",
            "the day of a log by interval, over the predicted one and its band",
            kinds=(Kind.BACKTEST,),
        ),
        FigureKind(
            "warmup",
            "settling",
            "calls waiting and in the system from the start on, and the suggested warm-up",
            kinds=(Kind.WARMUP,),
        ),
        FigureKind(
            "fitted",
            "laws",
            "conversations and patience of a calibration: the log and the fitted distributions",
            kinds=(Kind.CALIBRATION,),
        ),
    ]
    return {each.name: each for each in every}


FIGURES: dict[str, FigureKind] = _figures()


def kind_of(name: str) -> FigureKind:
    """The figure called `name` (`-` and `_` are the same). Raises FigureError."""
    found = FIGURES.get(name.replace("-", "_"))
    if found is None:
        from sim.scenario.errors import did_you_mean

        raise FigureError(
            f"there is no figure {name[:60]!r}: one of {', '.join(FIGURES)}"
            f"{did_you_mean(name, list(FIGURES))}"
        )
    return found


def why_not(name: str, result: Any) -> str | None:
    """Why this figure can't be drawn of a result, in a sentence; None if it can."""
    figure, saved = kind_of(name), open_result(result)
    if saved.kind not in figure.kinds:
        wanted = " or ".join(f"a {kind}" for kind in figure.kinds)
        return f"the figure `{figure.name}` is of {wanted}, and {saved.name} is a {saved.kind}"
    for need in figure.needs:
        if not _has(saved, need):
            return f"the figure `{figure.name}` of {saved.name} needs {need.value}"
    return None


def names_for(result: Any) -> list[str]:
    """The figures that can be drawn of a result, in the order of FIGURES."""
    saved = open_result(result)
    return [name for name in FIGURES if why_not(name, saved) is None]


def draw(
    name: str,
    result: Any,
    *,
    theme: str = "light",
    size: tuple[float, float] | None = None,
    **options: Any,
) -> Figure:
    """The figure `name` of a result (see `open_result`), `size` in inches, to be saved.

    `options` are those of the figure's function. Raises FigureError for what can't be drawn,
    NotAResultError for what is no result.
    """
    from sim.report.figures.style import new_figure

    kind = kind_of(name)
    unknown = [option for option in options if option not in kind.options]
    if unknown:
        known = [option for option in kind.options if option not in ("theme", "size")]
        raise FigureError(
            f"the figure `{kind.name}` has no option `{unknown[0]}`"
            + (f": it takes {', '.join(known)}" if known else "")
        )
    figure = new_figure(size, theme)
    saved = open_result(result)
    with reading(saved):
        kind.function(saved, theme=theme, size=size, into=figure, **options)
    return figure


def _has(saved: Saved, need: Need) -> bool:
    match need:
        case Need.INTERVALS:
            return bool(saved.intervals)
        case Need.CALLS:
            return saved.has_calls
        case Need.SCENARIO:
            return saved.has_scenario
        case Need.TABLE:
            return saved.has_table
        case Need.DAYS:
            return float(saved.document["horizon_s"]) > 86400.0
        case Need.REQUIRED_DAYS:
            return float(saved.document["intervals"][-1]["end_s"]) > 86400.0
        case Need.FLOW:
            queues = saved.scenario.queues if saved.scenario is not None else ()
            return any(queue.wait_flow is not None for queue in queues)
        case Need.TWO_SETTINGS:
            return len(saved.document["paths"]) > 1


def __getattr__(name: str) -> Any:
    if name in FIGURES:
        return FIGURES[name].function  # no module here may have a figure's name: it would hide it
    raise AttributeError(f"module 'sim.report.figures' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *FIGURES])
