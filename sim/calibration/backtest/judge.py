"""`backtest`: a log's days beside simulated ones, what is tested of them, and the verdicts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.calibration.backtest.bands import Bands, RunningBand, band
from sim.calibration.backtest.days import Choice, LogDays, cut, moves_calls
from sim.calibration.backtest.differences import (
    NOT_SHOWN,
    OUTSIDE,
    WITHIN,
    difference,
    estimated,
    relative,
    tolerated,
)
from sim.calibration.backtest.exchange import (
    BAND_DRAWS,
    DRAWS,
    ByDay,
    Singles,
    Together,
    holm,
    middle,
    p_values,
)
from sim.calibration.backtest.matching import Matching, match
from sim.calibration.backtest.notes import notes_on
from sim.calibration.backtest.observed import observed
from sim.calibration.backtest.predicted import predicted, replayed, why_not_replayed
from sim.calibration.backtest.terms import (
    AGENTS,
    BY_INTERVAL,
    INCOMING,
    QUEUE_METRICS,
    Column,
    Days,
    by_interval,
    subjects_of,
    whole_day,
)
from sim.calibration.history import History, Outcome
from sim.experiment.result import Result
from sim.experiment.run import Progress
from sim.metrics.estimates import Estimate
from sim.metrics.measures import SHARES
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.model import Scenario
from sim.sums import Count
from sim.workload.streams import name_key

ERROR = 0.05
"""The probability that anything is found outside if the scenario is true."""
LEAST_DAYS = 400
MOST_REPLAYED = 4_000
LEAST_REPLAYED = 100
_OFFERED = [Count.BLOCKED, Count.INCOMING]


class ArrivalsFrom(StrEnum):
    """Whose arrivals the simulated days have."""

    SCENARIO = "as-in-scenario"
    LOG = "as-recorded"


@dataclass(frozen=True, eq=False)
class Row:
    """A metric of a subject: what the log has, what is predicted, and whether that fits.

    `low` and `high` hold what so many days have in 95 of 100 cases. `p` is of the value over all
    days, `p_days` of the number of single days that lie outside their own interval (None with one
    day); `reasons` are those of the two, `mean` and `days`, that are beyond chance.
    """

    column: Column
    log: Estimate
    predicted: Estimate
    low: float | None
    high: float | None
    difference: Estimate
    relative: Estimate
    p: float | None
    p_days: float | None
    days_outside: int
    days_known: int
    most_outside: int
    outcome: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Backtest:
    """All that a backtest found. `slots` are the columns of `bands`, by interval of the day."""

    scenario: Scenario
    engine: str
    arrivals: ArrivalsFrom
    replications: int
    choice: Choice
    within: float | None
    days: LogDays
    matching: Matching
    rows: list[Row]
    values: NDArray[np.float64]
    """The log's days by themselves, (days, rows)."""
    singles: Singles
    slots: list[Column]
    bands: Bands
    tests: int
    notes: list[str]
    elapsed_s: float

    @property
    def outcome(self) -> str:
        """`outside` if any row is, else `not_shown` if any row has to be shown and is not, or
        none could be judged; else `within`."""
        found = [row.outcome for row in self.rows]
        if OUTSIDE in found:
            return OUTSIDE
        if self.within is not None and NOT_SHOWN in found:
            return NOT_SHOWN
        return WITHIN if WITHIN in found else NOT_SHOWN

    @property
    def fits(self) -> bool:
        """Whether the log lies within the prediction, as far as was asked."""
        return self.outcome == WITHIN or (self.within is None and self.outcome == NOT_SHOWN)


def backtest(
    scenario: Scenario,
    history: History,
    *,
    arrivals: ArrivalsFrom = ArrivalsFrom.SCENARIO,
    choice: Choice | None = None,
    replications: int | None = None,
    within: float | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Backtest:
    """Simulate days beside those of a log and judge whether the log's could be among them.

    `replications` are simulated days in all, or with the log's arrivals for each of its days; None
    takes enough for the tests. With `within` (0.1 for 10 %) a metric is judged by whether its
    relative difference lies inside that, in place of the tests. Raises ScenarioError for a log
    and a scenario that cannot be compared, and for fewer than two replications.
    """
    started = time.perf_counter()
    choice = Choice() if choice is None else choice
    matching = match(history, scenario)
    days = cut(history, scenario, matching, choice)
    if arrivals is ArrivalsFrom.LOG and (why := why_not_replayed(scenario)) is not None:
        raise ScenarioError([Problem(scenario.name, 0, 0, "queues", why)])
    seen = observed(days, scenario)
    columns = _columns(seen, days, matching, arrivals)
    tests = len(columns) * (1 if len(days) == 1 else 2)
    if replications is None:
        replications = enough(len(days), tests, arrivals)
    if replications < 2:
        told = "at least 2, to see by how much days differ"
        raise ScenarioError([Problem("--replications", 0, 0, "", told)])
    slots = [
        Column(subject, metric, slot)
        for subject in dict.fromkeys(c.subject for c in columns if not c.subject.is_agents)
        for slot in range(_n_slots(seen))
        for metric in BY_INTERVAL
        if metric != INCOMING or any(c.metric == INCOMING for c in columns)
    ]
    log, log_slots = whole_day(seen, columns), by_interval(seen, slots)
    rng = np.random.Generator(np.random.PCG64(name_key(scenario.seed, "backtest", "choices")))
    data: Together | ByDay
    simulated: Result | None = None
    if arrivals is ArrivalsFrom.SCENARIO:
        simulated = predicted(
            scenario, days, replications, engine=engine, workers=workers, progress=progress
        )
        came = simulated.counts[:, :, _OFFERED].sum(axis=(1, 2)) > 0
        data = Together(log, _those(whole_day(simulated, columns), came))
        most = np.array([1.0 if slot.metric in SHARES else np.inf for slot in slots])
        bands = band(log_slots, _those(by_interval(simulated, slots), came), most, rng)
    else:
        running = RunningBand(rng)
        each: list[Days] = []
        for day in _in_order(
            replayed(
                scenario, days, replications, engine=engine, workers=workers, progress=progress
            )
        ):
            each.append(whole_day(day, columns))
            running.add(by_interval(day, slots))
        data = ByDay(log, Days(*(np.stack([getattr(d, part) for d in each])
                                 for part in ("numerator", "denominator"))))  # fmt: skip
        bands = running.bands(log_slots)
    rows, singles, tests, resolves = _judged(data, columns, within, rng)
    notes = [
        *notes_on(days, matching, scenario, seen, simulated),
        *_notes_on_tests(resolves, tests, replications, within),
    ]
    return Backtest(
        scenario=scenario, engine="compiled" if engine == "auto" else engine, arrivals=arrivals,
        replications=replications, choice=choice, within=within, days=days, matching=matching,
        rows=rows, values=log.ratios(), singles=singles, slots=slots, bands=bands, tests=tests,
        notes=notes, elapsed_s=time.perf_counter() - started,
    )  # fmt: skip


def enough(days: int, tests: int, arrivals: ArrivalsFrom) -> int:
    """Replications by default: for the tests to be able to find something, and no lack of days.

    With one day the least p value is 2 / (replications + 1).
    """
    least = int(np.ceil(2.0 * 2.0 * tests / ERROR)) if days == 1 else 0
    if arrivals is ArrivalsFrom.LOG:
        return max(least, min(LEAST_DAYS, max(LEAST_REPLAYED, MOST_REPLAYED // days)))
    return max(least, LEAST_DAYS, 4 * days)


def _columns(
    seen: Result, days: LogDays, matching: Matching, arrivals: ArrivalsFrom
) -> list[Column]:
    """What is compared: what the log tells of, and the prediction leaves open."""
    scenario, history = seen.scenario, days.history
    kinds, rows = history.outcome[days.row], days.row
    limited = any(queue.max_waiting is not None for queue in scenario.queues)
    left_out = set()
    if arrivals is ArrivalsFrom.LOG and not limited and not moves_calls(scenario):
        left_out.add(INCOMING)
    if not limited and not (kinds == Outcome.BLOCKED).any():
        left_out.add("blocked_share")
    if not np.isfinite(history.talk_s[rows]).any():
        left_out.add("service_mean_s")
    subjects = subjects_of(seen, matching.silent, agents=_tells_of_agents(days, scenario, matching))
    return [
        Column(subject, metric)
        for subject in subjects
        for metric in ((AGENTS,) if subject.is_agents else QUEUE_METRICS)
        if metric not in left_out
    ]


def _tells_of_agents(days: LogDays, scenario: Scenario, matching: Matching) -> bool:
    """Whether the log has all of the agents' work, and when they were there."""
    history = days.history
    if history.presence is None or not scenario.agents or matching.strangers or matching.silent:
        return False
    answered = history.outcome[days.row] == Outcome.ANSWERED
    rows = days.row[answered]
    if not rows.size or not (history.agent[rows] >= 0).all():
        return False
    wraps_up = any(queue.wrap_up is not None for queue in scenario.queues)
    return not wraps_up or bool(np.isfinite(history.wrap_up_s[rows]).any())


def _judged(
    data: Together | ByDay, columns: Sequence[Column], within: float | None,
    rng: np.random.Generator,
) -> tuple[list[Row], Singles, int, bool]:  # fmt: skip
    """The rows; the single days; how many tests there are; and whether these can find anything."""
    n, singles = data.n, data.singles()
    values = divided_sums(data.log)
    varies = _varies(data) & np.isfinite(values)
    tests = int(varies.sum()) * (1 if n == 1 else 2)
    draws = max(DRAWS, 100 * tests)
    p = p_values(values, data.chosen(rng, draws))
    low, high = middle(data.means(rng, BAND_DRAWS))
    family = p[varies] if n == 1 else np.concatenate([p[varies], singles.p[varies]])
    adjusted = holm(family)
    places = np.flatnonzero(varies)
    shown: dict[int, list[str]] = {int(k): [] for k in places}
    for i, each in enumerate(adjusted):
        if each <= ERROR:
            which, reason = (i, "mean") if i < places.size else (i - places.size, "days")
            shown[int(places[which])].append(reason)
    least = 2.0 / min(draws + 1.0, data.choices)
    resolves = least * max(1, tests) <= ERROR
    replicates = data.replicates()
    rows = []
    for k, column in enumerate(columns):
        log = estimated(data.log, k, column.metric)
        expected = estimated(replicates, k, column.metric)
        apart = difference(data, k, log, expected)
        share = relative(apart, expected)
        reasons = tuple(shown.get(k, ()))
        if log.value is None or expected.value is None:
            outcome = NOT_SHOWN
        elif within is not None:
            outcome = tolerated(apart, share, within)
        elif reasons:
            outcome = OUTSIDE
        else:
            outcome = WITHIN if resolves or not varies[k] else NOT_SHOWN
        rows.append(
            Row(
                column=column, log=log, predicted=expected,
                low=_end(low[k], column.metric), high=_end(high[k], column.metric),
                difference=apart, relative=share, p=_number(p[k]),
                p_days=None if n == 1 else _number(singles.p[k]),
                days_outside=int(singles.outside[:, k].sum()),
                days_known=int(singles.known[:, k].sum()), most_outside=int(singles.most[k]),
                outcome=outcome, reasons=reasons,
            )
        )  # fmt: skip
    return rows, singles, tests, resolves


def divided_sums(days: Days) -> NDArray[np.float64]:
    """The values over all days, (columns,)."""
    return Days(days.numerator.sum(axis=0), days.denominator.sum(axis=0)).ratios()


def _varies(data: Together | ByDay) -> NDArray[np.bool_]:
    """Which columns are not the same on all days that could be exchanged: only these test
    anything. The choice is the same whichever days are the log's, so no error rate changes."""
    own, others = data.log.ratios(), data.simulated.ratios()
    if isinstance(data, Together):
        pool = np.concatenate([own, others])[None]
    else:
        pool = np.concatenate([own[:, None], others], axis=1)
    pool = np.where(np.isnan(pool), -1.0, pool)
    return np.asarray((pool != pool[:, :1]).any(axis=(0, 1)))


def _notes_on_tests(
    resolves: bool, tests: int, replications: int, within: float | None
) -> list[str]:
    if resolves or within is not None or tests == 0:
        return []
    needed = int(np.ceil(2.0 * tests / ERROR))
    return [
        f"{replications} replications are too few to show anything of so few days: at least"
        f" {needed:,} are needed."
    ]


def _those(days: Days, kept: NDArray[np.bool_]) -> Days:
    if not kept.any():  # a scenario without calls: its days stay as they are
        return days
    return Days(days.numerator[kept], days.denominator[kept])


def _in_order(found: Iterable[tuple[int, Result]]) -> Iterator[Result]:
    """The days in their order, whoever was ready first."""
    waiting: dict[int, Result] = {}
    following = 0
    for day, result in found:
        waiting[day] = result
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _n_slots(seen: Result) -> int:
    assert seen.slot_counts is not None
    return int(seen.slot_counts.shape[2])


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _end(value: float, metric: str) -> float | None:
    """An end of an interval, kept to what the metric can be."""
    found = _number(value)
    return None if found is None else min(max(0.0, found), 1.0 if metric in SHARES else np.inf)
