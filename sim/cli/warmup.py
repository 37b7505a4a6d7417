"""`callsim warmup`: suggest how much of a run to leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling

FORMATS = (".png", ".svg")


@click.command(short_help="Suggest a warm-up for a steady state.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--plot", metavar="FILE", help="Also draw the series to FILE, a .png or an .svg.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@scenario_options
@simulation_options
@general_options
@settings_of
def warmup(
    settings: Settings,
    scenario_path: str,
    as_json: bool,
    plot: str | None,
    force: bool,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Simulates SCENARIO (- is standard input) from its start and suggests its `warmup`.

    The suggestion is where the number of calls waiting and in the system, averaged over the
    replications, no longer shows the start. It is a line for the scenario.

    \b
    Example:
      callsim new | callsim warmup - --horizon 40h
    """
    target = None if plot is None else _target(plot, force=force)

    from sim.cli.reading import read_scenario

    changes = overrides(assignments, seed=seed, replications=replications, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    tell_of_compiling(engine, settings, [scenario], by_interval=True)

    from sim.cli.progress import progress
    from sim.experiment.warmup import suggest_warmup

    with progress(settings) as on_progress:
        found = suggest_warmup(scenario, engine=engine, workers=workers, progress=on_progress)
    document = found.document()
    failure = None if target is None else _draw(document, target)
    if not settings.quiet:
        from sim.report.text import warning_line

        output.warn(warning_line(warning) for warning in document["warnings"])
    if as_json:
        output.write_json(document)
    else:
        from sim.report.warmup import warmup_report

        output.write(
            warmup_report(
                document,
                width=output.width(),
                colour=output.colour(),
                ascii_only=output.ascii_only(),
                warnings=settings.quiet,
            )
        )
    if failure is not None:
        raise failure


def _target(plot: str, *, force: bool) -> Path:
    """Where to draw; refused, before any time is spent, what can't be written."""
    path = Path(plot)
    if path.suffix.lower() not in FORMATS:
        raise RefusedError(f"--plot {path}: a figure is a .png or an .svg")
    if path.is_dir():
        raise RefusedError(f"--plot {path} is a folder; say which file")
    if not path.parent.is_dir():
        raise RefusedError(f"--plot {path}: there is no folder {path.parent}")
    if path.exists() and not force:
        raise RefusedError(f"{path} is there already; overwrite it with --force")
    return path


def _draw(document: dict[str, Any], target: Path) -> OSError | None:
    """Draw the series; a failure to write is kept until the suggestion has been printed."""
    from sim.experiment.store import whole_file
    from sim.report.figures import draw
    from sim.report.figures.style import to_png, to_svg

    figure = draw("warmup", document)
    content = to_png(figure) if target.suffix.lower() == ".png" else to_svg(figure).encode("utf-8")
    try:
        with whole_file(target) as file:
            file.write(content)
    except OSError as error:
        return error
    return None
