"""The models of the coverage table: what is simulated, and the value that an interval should hold.

An interval should hold what its estimator estimates: of a ratio, the ratio of two expectations
over the calls that arrive in the window. For days from a given start that is exact, with the calls
that are served after the horizon; for a steady state it is the stationary value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from sim.experiment.batches import BATCHES, run_in_batches
from sim.experiment.result import Result
from sim.experiment.run import run
from sim.scenario.behaviour import Initial, InitialBusy
from sim.scenario.model import Discipline, Scenario
from sim.theory.window import Window
from verification.comparisons import Known, Model, metrics
from verification.days import busy_and_quiet_days, one_day
from verification.one_queue import deterministic_service, erlang_c, general_patience
from verification.scenarios import THRESHOLD_S, exponential, occupancy, poisson_queue, staffed
from verification.several_queues import specialists_and_generalists, tag_chain, two_priorities

REPLICATIONS = 20
MANY = 80
"""Replications of models whose days are very skewed: see `skewed_models`."""
PUBLISHED = (
    "service_level",
    "abandonment",
    "asa_s",
    "wait_mean_s",
    "wait_p90_s",
    "queue_length_mean",
    "occupancy",
)
"""The metrics of the table, of any queue or group."""


@dataclass(frozen=True, slots=True)
class Covered:
    """An experiment that is repeated: its scenario but for the seed, and what is known of it.

    `kind` is what the sample of an interval is: days, replications of a steady state, or
    `batches` of one.
    """

    name: str
    kind: str
    text: str
    scenario: Scenario
    known: Callable[[Result], Iterable[Known]]
    batches: int | None = None

    def experiment(self, seed: int) -> Result:
        """The result with this seed."""
        scenario = replace(self.scenario, name=self.name, seed=seed)
        if self.batches is None:
            return run(scenario, engine="compiled")
        return run_in_batches(scenario, self.batches, engine="compiled")

    def values(self, result: Result) -> Iterable[Known]:
        """The known values of the metrics that the table has."""
        return (row for row in self.known(result) if row[0].partition(",")[0] in PUBLISHED)


def covered_models() -> list[Covered]:
    """All models, in the order of the page."""
    return [
        light(),
        overloaded(),
        last_come(),
        random_order(),
        busy_at_the_start(),
        _days(one_day()),
        _days(busy_and_quiet_days()),
        steady_random_order(),
        _steady(general_patience(), 4.0),
        _steady(deterministic_service(Discipline.LIFO), 24.0),
        _steady(two_priorities(), 24.0, MANY),
        _steady(tag_chain("random"), 8.0),
        _steady(specialists_and_generalists(), 8.0),
        _in_batches(erlang_c(), 480.0),
        _in_batches(deterministic_service(Discipline.RANDOM), 360.0),
        _in_batches(specialists_and_generalists(), 40.0),
    ]


def skewed_models() -> list[Covered]:
    """Models of the table whose days are so skewed that the usual sample is too small for them."""
    few = [
        random_order(REPLICATIONS),
        steady_random_order(REPLICATIONS),
        _steady(two_priorities(), 24.0),
    ]
    short = _in_batches(erlang_c(), 120.0)
    return [
        *(replace(model, name=f"{model.name}, {REPLICATIONS} replications") for model in few),
        replace(short, name=f"{short.name}, 120 hours"),
    ]


# --- one queue, whose window is known exactly ----------------------------------------------


def light() -> Covered:
    text = "4 erlangs, 8 agents, mean patience 2 min, 4 hours from empty, first come first served"
    return _window("light", text, 1 / 45, 180.0, 8, 4.0, patience_s=120.0)


def overloaded() -> Covered:
    text = "26 erlangs, 20 agents, mean patience 1 min, 2 hours from empty, first come first served"
    return _window("overloaded", text, 0.26, 100.0, 20, 2.0, patience_s=60.0)


def last_come() -> Covered:
    text = "9.5 erlangs, 10 agents, mean patience 5 min, 2 hours from empty, last come first served"
    return _window("last come", text, 0.05, 190.0, 10, 2.0, patience_s=300.0, order=Discipline.LIFO)


def random_order(replications: int = MANY) -> Covered:
    """Nobody leaves, at a load of 0.9: few days make the mean."""
    text = (
        "9 erlangs, 10 agents, nobody leaves, 4 hours from empty, served at random;"
        f" {replications} replications"
    )
    model = _window("random order", text, 0.1, 90.0, 10, 4.0, order=Discipline.RANDOM)
    return replace(model, scenario=replace(model.scenario, replications=replications))


def busy_at_the_start() -> Covered:
    text = "9 erlangs, 10 agents, all busy at the start, mean patience 2 min, 1 hour"
    return _window("busy start", text, 0.05, 180.0, 10, 1.0, patience_s=120.0, busy=10)


def steady_random_order(replications: int = MANY) -> Covered:
    """Known with what the horizon does to the last calls."""
    text = (
        "9 erlangs, 10 agents, nobody leaves, served at random, 8 hours after a warm-up of 2;"
        f" {replications} replications"
    )
    model = _window(
        "steady, random order", text, 0.1, 90.0, 10, 10.0, order=Discipline.RANDOM, warmup_hours=2.0
    )
    return replace(model, scenario=replace(model.scenario, replications=replications))


def _window(
    name: str,
    text: str,
    rate: float,
    service_s: float,
    n: int,
    hours: float,
    *,
    patience_s: float | None = None,
    order: Discipline = Discipline.FIFO,
    busy: int = 0,
    warmup_hours: float = 0.0,
) -> Covered:
    horizon_s, warmup_s = hours * 3600.0, warmup_hours * 3600.0
    steady = warmup_s > 0.0

    @cache
    def exact() -> dict[str, float]:
        theory = Window(
            rate,
            service_s,
            n,
            horizon_s - warmup_s if steady else horizon_s,
            patience_mean_s=patience_s,
            discipline=order.value,
            start=None if steady else busy,
        )
        values = {
            "service_level": theory.answered_within(THRESHOLD_S),
            "wait_mean_s": theory.wait_mean_s,
            "wait_p90_s": theory.wait_quantile_s(0.9),
            "queue_length_mean": theory.queue_length_mean,
            "occupancy": theory.occupancy,
        }
        if patience_s is not None:  # else the wait of the answered is that of all
            values |= {"asa_s": theory.asa_s, "abandonment": theory.abandonment}
        if values["wait_p90_s"] == 0.0:
            del values["wait_p90_s"]
        return values

    def known(result: Result) -> Iterable[Known]:
        found = metrics(result) | {"occupancy": occupancy(result)}
        for metric in PUBLISHED:
            if metric in exact():
                yield metric, exact()[metric], found[metric]

    leave = None if patience_s is None else exponential(patience_s)
    queue = poisson_queue(rate, exponential(service_s), patience_law=leave, discipline=order)
    scenario = replace(
        staffed((queue,), n), horizon_s=horizon_s, warmup_s=warmup_s, replications=REPLICATIONS
    )
    if busy:
        talking = tuple(InitialBusy(0, i, 0, 0.0) for i in range(busy))
        scenario = replace(scenario, initial=Initial(busy=talking))
    return Covered(name, "steady" if steady else "days", text, scenario, known)


# --- models of the other page --------------------------------------------------------------


def _days(model: Model) -> Covered:
    scenario = replace(model.scenario, replications=REPLICATIONS)
    return Covered(model.name, "days", model.text, scenario, model.known)


def _steady(model: Model, hours: float, replications: int = REPLICATIONS) -> Covered:
    """A stationary model, counted for so many hours after its warm-up."""
    scenario = replace(
        model.scenario,
        warmup_s=model.warmup_s,
        horizon_s=model.warmup_s + hours * 3600.0,
        replications=replications,
    )
    text = f"{model.text}; {hours:g} hours after a warm-up of {model.warmup_s / 3600.0:.2g}"
    if replications != REPLICATIONS:
        text += f"; {replications} replications"
    return Covered(f"steady, {model.name}", "steady", text, scenario, model.known)


def _in_batches(model: Model, hours: float) -> Covered:
    """A stationary model, one run of so many hours after its warm-up, in batches."""
    long = _steady(model, hours)
    text = f"{long.text}, one run in {BATCHES} batches"
    return replace(
        long,
        name=f"batches, {model.name}",
        kind="batches",
        text=text,
        scenario=replace(long.scenario, replications=1),
        batches=BATCHES,
    )
