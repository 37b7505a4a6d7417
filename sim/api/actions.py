"""What can be done with a scenario: run it, compare variants of it, check what it expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sim.api.progress import progress_bar
from sim.api.results import Check, Comparison, Run
from sim.api.scenario import Scenario, value_text
from sim.experiment.batches import run_in_batches
from sim.experiment.check import check as checked
from sim.experiment.compare import compare as compared
from sim.experiment.precision import MAX_REPLICATIONS, run_to_precision
from sim.experiment.run import run as simulate
from sim.experiment.variants import SHARED, combinations, name_of
from sim.scenario.precision import parse_precision
from sim.scenario.targets import Metric, parse_subject

LEAST_TO_RANK = 3


def run(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    precision: str | Sequence[str] = (),
    max_replications: int = MAX_REPLICATIONS,
    batches: int | None = None,
    intervals: bool = False,
    calls: bool = False,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Run:
    """Simulate a scenario.

    `replications`, `seed` and `horizon` replace the scenario's own. `precision`, such as
    `"total.abandonment=0.2%"`, adds replications until that half-width is reached, at most
    `max_replications`. `batches`, 30 say, makes one replication and takes the intervals from so
    many batches of it, for a steady state. `intervals` keeps the day's intervals, `calls` every
    call. `workers` processes share the work; results don't depend on how many. `progress` shows a
    bar, in notebooks only. Raises ScenarioError for a value that the scenario can't have,
    ValueError for a precision or batches that make no sense.

    >>> import sim
    >>> day = sim.run(sim.load("scenarios/day.yaml"), replications=10)
    >>> day.frame().loc["total", ["offered", "abandonment"]].round(3).to_dict()
    {'offered': 5536.0, 'abandonment': 0.091}
    """
    if batches is not None:
        if precision:
            raise ValueError("a precision adds replications, batches cut one: give one of the two")
        if replications not in (None, 1):
            raise ValueError("batches are those of one replication")
        replications = 1
    scenario = _with(scenario, replications=replications, seed=seed, horizon=horizon)
    texts = [precision] if isinstance(precision, str) else list(precision)
    wanted = [parse_precision(text, scenario.queues, scenario.agents) for text in texts]
    with progress_bar(progress) as tell:
        if wanted:
            result, _ = run_to_precision(
                scenario.model, wanted, max_replications=max_replications, engine=engine,
                workers=workers, intervals=intervals, log=calls, progress=tell,
            )  # fmt: skip
            return Run(result)
        if batches is not None:
            return Run(
                run_in_batches(
                    scenario.model, batches, engine=engine, intervals=intervals, log=calls,
                    progress=tell,
                )
            )  # fmt: skip
        return Run(
            simulate(
                scenario.model, engine=engine, workers=workers, intervals=intervals, log=calls,
                progress=tell,
            )
        )  # fmt: skip


def variants(scenario: Scenario, values: Mapping[str, Iterable[object]]) -> dict[str, Scenario]:
    """Copies of a scenario with every combination of values, named by their settings.

    Raises ScenarioError for values that the scenario can't have, ValueError where the variants
    would differ in `seed` or `replications`, and for a value given twice.

    >>> import sim
    >>> day = sim.load("scenarios/day.yaml")
    >>> list(sim.variants(day, {"queues.service.wait_timeout": ["60s", "5min"]}))
    ['queues.service.wait_timeout=60s', 'queues.service.wait_timeout=5min']
    """
    choices = {path: [value_text(value) for value in each] for path, each in values.items()}
    made = {}
    for chosen in combinations(choices):
        settings = dict(chosen)
        name = name_of([f"{path}={value}" for path, value in chosen])
        made[name] = scenario.with_values(settings)
    return made


def compare(
    variants: Mapping[str, Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    rank_by: str | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Comparison:
    """Simulate variants on the same random numbers and compare each with the first.

    All take the first one's seed and replications, unless others are given. `rank_by`, such as
    `"total.abandonment"`, orders them; three or more are ranked by `total.service_level` unless
    it says otherwise. Raises ValueError for fewer than two variants.

    >>> import sim
    >>> day = sim.load("scenarios/day.yaml")
    >>> limits = sim.variants(day, {"queues.service.wait_timeout": ["60s", "5min"]})
    >>> found = sim.compare(limits, replications=10)
    >>> rows = found.frame().set_index(["subject", "metric"])
    >>> bool(rows.loc[("total", "abandonment"), "high"] < 0)
    True
    """
    if len(variants) < 2:
        raise ValueError("a comparison takes at least two variants")
    changed = {
        name: _with(each, replications=replications, seed=seed, horizon=horizon)
        for name, each in variants.items()
    }
    first = next(iter(changed.values())).model
    common = {field: getattr(first, field) for field in SHARED}
    models = {name: _with(each, **common).model for name, each in changed.items()}
    ranked = rank_by or ("total.service_level" if len(models) >= LEAST_TO_RANK else None)
    by: tuple[str, Metric, bool] | None = None
    if ranked is not None:
        by = parse_subject(ranked, *_common_names(list(changed.values())))
    with progress_bar(progress) as tell:
        return Comparison(
            compared(models, engine=engine, workers=workers, rank_by=by, progress=tell)
        )


def check(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Check:
    """Simulate a scenario and judge the targets of its `expect`.

    >>> import sim
    >>> sim.check(sim.load("scenarios/day.yaml")).frame()["outcome"].tolist()
    ['met', 'met']
    """
    scenario = _with(scenario, replications=replications, seed=seed, horizon=horizon)
    with progress_bar(progress) as tell:
        return Check(checked(scenario.model, engine=engine, workers=workers, progress=tell))


def _with(scenario: Scenario, **fields: object) -> Scenario:
    """The scenario with the fields that were given."""
    given = {name: value for name, value in fields.items() if value is not None}
    return scenario.with_values(given) if given else scenario


def _common_names(scenarios: Sequence[Scenario]) -> tuple[list[str], list[str]]:
    """The queues and the groups that all have."""
    first, *others = scenarios
    queues = [name for name in first.queues if all(name in each.queues for each in others)]
    groups = [name for name in first.agents if all(name in each.agents for each in others)]
    return queues, groups
