"""What can be done with a scenario: run, compare, check what it expects, sweep over values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from sim.api.progress import compiling, progress_bar
from sim.api.results import Check, Comparison, Run, Sweep
from sim.api.scenario import Scenario, changed, expect_scenario, value_text
from sim.experiment.batches import run_in_batches
from sim.experiment.check import check as checked
from sim.experiment.compare import compare as compared
from sim.experiment.compiling import notice as compiling_notice
from sim.experiment.controls import with_controls
from sim.experiment.design import grid
from sim.experiment.design import sample as sampled
from sim.experiment.precision import MAX_REPLICATIONS, run_to_precision
from sim.experiment.run import engine_called
from sim.experiment.run import run as simulate
from sim.experiment.store import OtherSweepError
from sim.experiment.sweep import Sweep as Swept
from sim.experiment.sweep import Variants
from sim.experiment.variants import SHARED, combinations, name_of
from sim.report.folder import FolderInUseError, check_folder
from sim.report.sweep import finish, is_finished, summary
from sim.scenario.overrides import Given
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
    control_variates: bool = False,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Run:
    """Simulate a scenario.

    `replications`, `seed` and `horizon` replace the scenario's own. `precision`, such as
    `"total.abandonment=0.2%"`, adds replications until that half-width is reached, at most
    `max_replications`. `batches`, 30 say, makes one replication and takes the intervals from so
    many batches of it, for a steady state. `intervals` keeps the day's intervals, `calls` every
    call. `control_variates` adds estimates corrected by what callers brought, whose half-widths
    then are what a `precision` is about. `workers` processes share the work; results don't depend
    on how many. `progress` shows a bar, in notebooks only. Raises ScenarioError for a value that
    the scenario can't have, ValueError for a precision or batches that make no sense.

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
    scenario = changed(scenario, replications=replications, seed=seed, horizon=horizon)
    texts = [precision] if isinstance(precision, str) else list(precision)
    wanted = [parse_precision(text, scenario.queues, scenario.agents) for text in texts]
    with progress_bar(progress, notice=compiling(engine, [scenario], intervals, calls)) as tell:
        if wanted:
            result, _ = run_to_precision(
                scenario.model, wanted, max_replications=max_replications, engine=engine,
                workers=workers, intervals=intervals, log=calls,
                control_variates=control_variates, progress=tell,
            )  # fmt: skip
            return Run(result)
        if batches is not None:
            if control_variates:
                raise ValueError("control variates take replications: not with batches")
            return Run(
                run_in_batches(
                    scenario.model, batches, engine=engine, intervals=intervals, log=calls,
                    progress=tell,
                )
            )  # fmt: skip
        result = simulate(
            scenario.model, engine=engine, workers=workers, intervals=intervals, log=calls,
            progress=tell,
        )  # fmt: skip
        return Run(with_controls(result) if control_variates else result)


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
    scenario = expect_scenario(scenario)
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
    if not isinstance(variants, Mapping):
        raise TypeError(
            "expected scenarios by their names, such as `sim.variants` makes, found"
            f" {type(variants).__name__}"
        )
    if len(variants) < 2:
        raise ValueError("a comparison takes at least two variants")
    given = {
        name: changed(each, replications=replications, seed=seed, horizon=horizon)
        for name, each in variants.items()
    }
    first = next(iter(given.values())).model
    common = {field: getattr(first, field) for field in SHARED}
    models = {name: changed(each, **common).model for name, each in given.items()}
    ranked = rank_by or ("total.service_level" if len(models) >= LEAST_TO_RANK else None)
    by: tuple[str, Metric, bool] | None = None
    if ranked is not None:
        by = parse_subject(ranked, *_common_names(list(given.values())))
    with progress_bar(progress, notice=compiling(engine, given.values())) as tell:
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
    scenario = changed(scenario, replications=replications, seed=seed, horizon=horizon)
    with progress_bar(progress, notice=compiling(engine, [scenario])) as tell:
        return Check(checked(scenario.model, engine=engine, workers=workers, progress=tell))


def sweep(
    scenario: Scenario,
    values: Mapping[str, str | Iterable[object]],
    *,
    out: str | os.PathLike[str] | None = None,
    sample: str | None = None,
    force: bool = False,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    engine: str = "auto",
    workers: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Simulate a scenario at every combination of values, all on the same random numbers.

    The values of a path are a list, or a text as in `--set`: `"60s,100s"`, `"8..16"`. `sample`,
    such as `"sobol:200"`, takes so many points in place of all combinations, and texts may then be
    ranges such as `"5/min..9/min"`. With `out` the points are kept in that folder, which also gets
    `sweep.parquet` and `sweep.csv`: the same sweep with the same folder goes on where it stopped.
    `force` overwrites another sweep's results there. `workers` None means all cores where that is
    faster. A point that is no valid scenario becomes a row with its `error`.

    Raises ScenarioError if no point is a valid scenario, ValueError for values or a sample that
    make no sense, FileExistsError for a folder that holds something else or can't be written to.

    >>> import sim
    >>> day = sim.load("scenarios/day.yaml")
    >>> grid = sim.sweep(day, {"agents.late.schedule[0].count": [4, 5]}, replications=5)
    >>> rows = grid.frame().set_index("queue").loc["total"]
    >>> rows[["agents.late.schedule[0].count", "offered", "abandoned"]].values.tolist()
    [[4, 2778, 258], [5, 2778, 155]]
    """
    scenario = expect_scenario(scenario)
    given = {"replications": replications, "seed": seed, "horizon": horizon}
    fixed = {name: value_text(value) for name, value in given.items() if value is not None}
    settings = [
        (path, each if isinstance(each, str) else tuple(value_text(value) for value in each))
        for path, each in values.items()
    ]
    job = Variants(
        scenario.text, scenario.source_name, str(scenario.folder.resolve()),
        (*scenario.changes, *(Given.of(name, name, value) for name, value in fixed.items())),
        engine_called(engine),
    )  # fmt: skip
    design = grid(settings) if sample is None else sampled(settings, sample, job.seed())
    twice = [path for path in design.paths if path in fixed]
    if twice:
        raise ValueError(f"`{twice[0]}` is both an argument and one of the values")
    with ExitStack() as held:
        try:
            if out is None:
                folder = Path(held.enter_context(TemporaryDirectory(prefix="callsim-")))
            else:
                folder = Path(out)
                check_folder(folder, force=force)
            made = Swept(job, design, folder, force=force)
        except (FolderInUseError, OtherSweepError) as error:
            raise FileExistsError(str(error)) from error
        except OSError as error:
            raise FileExistsError(f"{folder}: can't write there ({error.strerror})") from error
        held.callback(made.store.close)
        if not is_finished(made):

            def notice() -> str | None:
                return None if engine == "simpy" else compiling_notice(made.some_scenarios())

            with progress_bar(progress, "points", notice) as tell:
                made.carry_out(workers=workers, progress=tell)
            finish(made)
        return Sweep(summary(made), folder, keeps_folder=out is not None)


def _common_names(scenarios: Sequence[Scenario]) -> tuple[list[str], list[str]]:
    """The queues and the groups that all have."""
    first, *others = scenarios
    queues = [name for name in first.queues if all(name in each.queues for each in others)]
    groups = [name for name in first.agents if all(name in each.agents for each in others)]
    return queues, groups
