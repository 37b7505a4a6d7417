"""All programs on the same three models, in turns."""

from __future__ import annotations

import importlib.util
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scipy.special import stdtrit

from benchmarks import plain, textbook
from benchmarks.clock import Sample, sample
from benchmarks.models import MODELS, Model
from benchmarks.tables import duration, significant, table

ENOUGH = 0.999
"""Programs disagree when the difference of their shares is outside this confidence interval."""

Run = Callable[[Model, int, int], Sample]
"""From a model, a number of calls and a seed."""


def student(confidence: float, freedom: int) -> float:
    """Student's t for a two-sided interval."""
    return float(stdtrit(freedom, 0.5 + confidence / 2))


@dataclass(frozen=True, slots=True)
class Program:
    """A program that simulates a model, and how many calls of it take a fair while."""

    name: str
    run: Run
    calls: int
    one_queue_only: bool = False
    several_queues_only: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """What the rounds of one program on one model gave."""

    name: str
    samples: list[Sample]

    @property
    def per_call_s(self) -> float:
        """The median of the rounds."""
        return statistics.median(one.per_call_s for one in self.samples)

    @property
    def abandoned(self) -> float:
        """The share of all calls."""
        return sum(one.abandoned for one in self.samples) / sum(one.calls for one in self.samples)

    @property
    def error(self) -> float:
        """The standard error of that share: rounds are independent."""
        shares = [one.abandoned / one.calls for one in self.samples]
        return statistics.stdev(shares) / math.sqrt(len(shares))

    def agrees(self, other: Figure) -> bool:
        """Whether both shares may be estimates of one number."""
        error = math.hypot(self.error, other.error)
        freedom = min(len(self.samples), len(other.samples)) - 1
        return abs(self.abandoned - other.abandoned) <= student(ENOUGH, freedom) * error


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tables, and whether all programs agree."""

    text: str
    agree: bool


def compare(*, rounds: int, scale: float) -> Comparison:
    """Run every program on every model, `rounds` times in turns; `scale` sizes the runs."""
    parts: list[str] = []
    agree = True
    with tempfile.TemporaryDirectory() as folder:
        programs, missing = _programs(Path(folder), scale)
        for model in MODELS:
            figures = _figures(model, programs, rounds)
            parts.append(f"### {model.name[0].upper()}{model.name[1:]}\n\n{_table(figures)}")
            agree &= all(one.agrees(figures[0]) for one in figures)
    parts += [f"**{line}**\n" for line in missing]
    if not agree:
        parts.append("**The programs' shares of abandoned calls do not agree.**\n")
    return Comparison("\n".join(parts), agree)


def _programs(folder: Path, scale: float) -> tuple[list[Program], list[str]]:
    """The programs that can run here, and a line about each that can't."""
    few, many = int(60_000 * scale), int(1_000_000 * scale)
    programs = [
        Program("compiled engine", partial(sample, "compiled"), many),
        Program("SimPy engine", partial(sample, "simpy"), few),
        Program("textbook SimPy", _textbook, few),
        Program("SimPy by hand", _by_hand, few, several_queues_only=True),
    ]
    missing = []
    if importlib.util.find_spec("ciw"):
        programs.append(Program("Ciw", _ciw, few // 2, one_queue_only=True))
    else:
        missing.append("Ciw is not installed: left out. `pip install ciw`")
    if plain.compiler():
        program = plain.build(folder)

        def run_plain(model: Model, calls: int, seed: int) -> Sample:
            serviced, abandoned, seconds = plain.simulate(
                program, model, model.horizon_s(calls), seed
            )
            return Sample(seconds, serviced + abandoned, abandoned)

        programs.append(Program("plain C", run_plain, many))
    else:
        missing.append(f"There is no {plain.COMPILER}: plain C is left out.")
    return programs, missing


def _figures(model: Model, programs: list[Program], rounds: int) -> list[Figure]:
    single = len(model.queues) == 1
    able = [
        one for one in programs if not (one.several_queues_only if single else one.one_queue_only)
    ]
    figures = [Figure(one.name, []) for one in able]
    for one in able:
        one.run(model, 1000, 1)
    for seed in range(1, rounds + 1):
        for one, figure in zip(able, figures, strict=True):
            figure.samples.append(one.run(model, one.calls, seed))
    return figures


def _table(figures: list[Figure]) -> str:
    return table(
        ["program", "per call", "fastest", "slowest", "of the compiled engine's", "abandoned"],
        _rows(figures),
    )


def _rows(figures: list[Figure]) -> Iterator[list[str]]:
    first = figures[0]
    for one in figures:
        times = [sample.per_call_s for sample in one.samples]
        pairs = zip(one.samples, first.samples, strict=True)
        ratio = statistics.median(ours.per_call_s / theirs.per_call_s for ours, theirs in pairs)
        half = student(0.95, len(times) - 1) * one.error
        yield [
            one.name,
            duration(one.per_call_s),
            duration(min(times)),
            duration(max(times)),
            f"{significant(ratio)} ×",
            f"{100 * one.abandoned:.2f} % ± {100 * half:.2f}",
        ]


def _textbook(model: Model, calls: int, seed: int) -> Sample:
    if len(model.queues) > 1:
        return _several(textbook.simulate_queues, model, calls, seed)
    began = time.process_time()
    answered, abandoned = textbook.simulate(
        model.rate_per_s,
        model.service_mean_s,
        len(model.agents),
        model.timeout_s,
        model.horizon_s(calls),
        seed,
    )
    return Sample(time.process_time() - began, answered + abandoned, abandoned)


def _by_hand(model: Model, calls: int, seed: int) -> Sample:
    return _several(textbook.simulate_by_hand, model, calls, seed)


def _several(
    simulate: Callable[..., tuple[int, int]], model: Model, calls: int, seed: int
) -> Sample:
    began = time.process_time()
    skills = [
        {i for i, (_, tags) in enumerate(model.queues) if tags <= agent} for agent in model.agents
    ]
    answered, abandoned = simulate(
        [rate for rate, _ in model.queues],
        model.service_mean_s,
        skills,
        model.timeout_s,
        model.newest_first,
        model.horizon_s(calls),
        seed,
    )
    return Sample(time.process_time() - began, answered + abandoned, abandoned)


def _ciw(model: Model, calls: int, seed: int) -> Sample:
    from benchmarks import ciw_queue

    began = time.process_time()
    serviced, abandoned = ciw_queue.simulate(
        model.rate_per_s,
        model.service_mean_s,
        len(model.agents),
        model.timeout_s,
        model.horizon_s(calls),
        seed,
    )
    return Sample(time.process_time() - began, serviced + abandoned, abandoned)
