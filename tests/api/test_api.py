"""The Python interface: the same numbers as the commands, tables, HTML, copies, a light import."""

from __future__ import annotations

import errno
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import sim
from sim.api import progress
from sim.cli.app import main
from tests.cli.test_program import HEAVY

TEXT = """
name: small <b>&
horizon: 1h
replications: 4
queues:
  - {name: "<i>", arrivals: {rate: 2/min}, service_time: {distribution: exponential, mean: 3min},
     patience: 2min}
  - {name: nobody, arrivals: {at: []}, service_time: 1s}
agents: [{name: team, count: 5}]
expect: [total.abandonment <= 90%, nobody.asa_s <= 1s]
"""


@pytest.fixture
def small() -> sim.Scenario:
    return sim.loads(TEXT)


def test_importing_loads_nothing() -> None:
    """Claim: `import sim` and its names load none of the libraries that take time."""
    code = f"import sim, sys; dir(sim); print([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_typed_names_are_the_real_ones() -> None:
    """Claim: `sim` has the names of `sim.api`, all of which its stub takes over."""
    import sim.api

    assert sim.__all__ == sim.api.__all__
    assert all(getattr(sim, name) is getattr(sim.api, name) for name in sim.__all__)
    stub = (Path(sim.__file__).parent / "__init__.pyi").read_text("utf-8")
    assert stub.startswith("from sim.api import *")
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        sim.simulate  # noqa: B018


def test_a_run_is_the_commands(
    small: sim.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: `run`, `compare` and `check` give the documents that the commands print."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    variants = sim.variants(small, {"agents.team.count": [4, 5, 6]})
    made = [
        sim.run(small, seed=3, horizon="2h").document,
        sim.compare(variants, replications=3).document,
        sim.check(small).document,
    ]
    commands = [
        ["run", str(path), "--seed", "3", "--horizon", "2h"],
        ["compare", str(path), "--set", "agents.team.count=4..6", "--replications", "3"],
        ["check", str(path)],
    ]
    for document, command in zip(made, commands, strict=True):
        assert main([*command, "--json", "-q"]) in (0, 1)
        printed = json.loads(capsys.readouterr().out)
        assert {**printed, "elapsed_s": 0} == {**json.loads(json.dumps(document)), "elapsed_s": 0}


def test_frames_hold_the_document(small: sim.Scenario) -> None:
    """Claim: counts, values and bounds are the document's; what can't be had is NaN."""
    result = sim.run(small, intervals=True, calls=True)
    frame, document = result.frame(), result.document
    assert list(frame.index) == ["<i>", "nobody", "total"]
    for row in document["queues"]:
        shown = frame.loc[row["name"]]
        assert shown["offered"] == row["counts"]["offered"]
        for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high")):
            expected = row["metrics"]["abandonment"][end]
            found = shown[f"abandonment{suffix}"]
            assert math.isnan(found) if expected is None else found == expected
    assert result.agents().loc["team", "count"] == 5
    assert len(result.intervals()) == 3 * 2
    assert len(result.calls()) == frame.loc["total", "offered"]


def test_corrected_estimates_are_a_table(small: sim.Scenario) -> None:
    """Claim: a row per subject and metric as in the document; without asking there is none."""
    run = sim.run(small, replications=15, control_variates=True)
    rows = run.controlled().set_index(["subject", "metric"])
    told = run.document["controlled"]
    assert rows.loc[("total", "wait_mean_s")].to_dict() == told["total"]["metrics"]["wait_mean_s"]
    occupancy = told["agents"][0]["metrics"]["occupancy"]
    assert rows.loc[("agents.team", "occupancy"), "half_width"] == occupancy["half_width"]
    assert "with control variates" in str(run) and "with control variates" in run._repr_html_()
    with pytest.raises(ValueError, match="control_variates=True"):
        sim.run(small, replications=1).controlled()


def test_a_comparison_has_a_row_per_difference(small: sim.Scenario) -> None:
    """Claim: the frame has the document's rows; the variants' own runs are there."""
    found = sim.compare(sim.variants(small, {"agents.team.count": [5, 6]}))
    frame = found.frame()
    n = len(found.document["differences"]) + len(found.document["agent_differences"])
    assert len(frame) == n
    first = found.document["differences"][0]
    assert frame.iloc[0]["value"] == first["difference"]["value"]
    assert list(found.runs) == found.document["variants"]
    plain = sim.run(small).frame()
    assert found.runs["agents.team.count=5"].frame().equals(plain)


def test_all_variants_take_the_firsts_random_numbers(small: sim.Scenario) -> None:
    """Claim: another seed or number of replications in a later variant does not count."""
    other = small.with_values({"seed": 9, "replications": 7})
    found = sim.compare({"a": small, "b": other})
    assert found.document["replications"] == 4
    assert set(found.frame()["value"].dropna()) == {0.0}


@pytest.mark.parametrize("kind", ["run", "compare", "check"])
def test_what_is_shown_is_harmless(small: sim.Scenario, kind: str) -> None:
    """Claim: HTML is well-formed whatever the names are, and holds them as they are; the text
    says the same."""
    shown = {
        "run": lambda: sim.run(small),
        "compare": lambda: sim.compare({"<i>a": small, "b": small}),
        "check": lambda: sim.check(small),
    }[kind]()
    html = shown._repr_html_().replace("<br>", "<br/>")
    texts = "".join(ET.fromstring(html).itertext())
    name = "<i>a" if kind == "compare" else "small <b>&"
    assert name in texts and name in str(shown)
    assert repr(shown).startswith("<")


def test_a_copy_leaves_the_original(small: sim.Scenario) -> None:
    """Claim: changes add up, the later wins, and any plain value will do."""
    copy = small.with_values({"agents.team.count": 7}).with_values(
        {"agents.team.count": 8, "agents.team.breaks": [{"at": "10min", "length": "5min"}],
         "queues.[1].patience": None, "dispatch": "immediate"}
    )  # fmt: skip
    assert (small.agents, copy.agents) == ({"team": 5}, {"team": 8})
    assert copy.model.agents[0].breaks and not small.model.agents[0].breaks
    assert sim.loads(copy.yaml()).model == copy.model


def test_what_is_wrong_is_an_error(small: sim.Scenario) -> None:
    """Claim: unknown values, too few variants, unknown metrics, and tables that were not kept."""
    with pytest.raises(sim.ScenarioError, match="did you mean `team`"):
        small.with_values({"agents.tema.count": 3})
    with pytest.raises(ValueError, match="at least two"):
        sim.compare({"a": small})
    with pytest.raises(ValueError, match="`replications` must be the same"):
        sim.variants(small, {"replications": [1, 2]})
    with pytest.raises(ValueError, match="no metric `asa`"):
        sim.run(small, precision="total.asa=1s")
    with pytest.raises(ValueError, match="intervals=True"):
        sim.run(small).intervals()
    with pytest.raises(ValueError, match="calls=True"):
        sim.run(small).calls()


def test_a_file_is_loaded_with_what_lies_beside_it(tmp_path: Path) -> None:
    """Claim: `load` takes a path, and files that the scenario names are looked for next to it."""
    (tmp_path / "times.csv").write_text("s\n10\n20\n")
    patience = "patience: {distribution: empirical, file: times.csv, column: s}"
    text = TEXT.replace("patience: 2min", patience)
    (tmp_path / "day.yaml").write_text(text.replace("name: small <b>&\n", ""))
    loaded = sim.load(tmp_path / "day.yaml")
    assert loaded.name == "day"
    assert loaded.with_values({"seed": 2}).model.seed == 2


def test_a_sweep_is_the_commands(
    small: sim.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: with a folder the rows, files and summary are those of the command; without one the
    rows are the same and no file is left."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    values = {"agents.team.count": "4,5", "horizon": ["30min", "1h"]}
    made = sim.sweep(small, values, out=tmp_path / "api", seed=3, replications=2)
    command = ["sweep", str(path), "--set", "agents.team.count=4,5", "--set", "horizon=30min,1h"]
    command += ["--seed", "3", "--replications", "2", "--out", str(tmp_path / "cli")]
    assert main([*command, "--json", "-q"]) == 0
    printed = json.loads(capsys.readouterr().out)
    del printed["elapsed_s"]
    for name in ("sweep.csv", "sweep.parquet"):
        assert (tmp_path / "api" / name).read_bytes() == (tmp_path / "cli" / name).read_bytes()
    assert {**made.document, "files": 0} == {**printed, "files": 0}
    assert made.folder == tmp_path / "api" and len(made) == 4
    alone = sim.sweep(small, values, seed=3, replications=2)
    assert alone.frame().equals(made.frame())
    assert alone.folder is None and alone.document["files"] == []
    again = sim.sweep(small, values, out=tmp_path / "api", seed=3, replications=2)
    assert again.document["simulated"] == 0
    with pytest.raises(FileExistsError, match="another sweep"):
        sim.sweep(small, {"seed": [1]}, out=tmp_path / "api")


def test_a_sweeps_folder_that_can_not_be(
    small: sim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: one error for all that may be wrong with `out`, with its path and the reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match=r"file is not a folder"):
        sim.sweep(small, {"seed": [1]}, out=tmp_path / "file" / "below")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(FileExistsError, match=r"new: can't write there \(No space left"):
        sim.sweep(small, {"seed": [1]}, out=tmp_path / "new")


def test_a_sweep_starts_from_the_copy(small: sim.Scenario) -> None:
    """Claim: what `with_values` changed holds at all points; its seed draws the sample, and the
    last of two seeds is the one."""
    twice = small.with_values({"replications": 2, "seed": 8}).with_values({"seed": 3})
    drawn = [
        sim.sweep(each, {"agents.team.count": "4..9"}, sample="random:3").frame()
        for each in (twice, small.with_values({"replications": 2, "seed": 3}))
    ]
    assert drawn[0].equals(drawn[1])
    run = sim.run(twice.with_values({"agents.team.count": int(drawn[0]["agents.team.count"][0])}))
    assert run.frame()["offered"]["total"] == drawn[0]["offered"][2]


def test_a_sweeps_values_are_what_they_are(small: sim.Scenario) -> None:
    """Claim: values in a list are not divided at commas; a bad point is a row with its error; what
    makes no sense is refused."""
    grid = sim.sweep(small, {"name": ["a, b", "c"], "agents.team.count": [4, -1]}, replications=2)
    rows = grid.frame()
    assert rows["name"].unique().tolist() == ["a, b", "c"]
    assert rows["error"].notna().sum() == len(grid.bad_points) == 2
    assert grid.bad_points[0]["settings"] == {"name": "a, b", "agents.team.count": "-1"}
    shown = str(grid)
    assert "2 of them can't be simulated" in shown and "service level" in shown
    html = grid._repr_html_()
    ET.fromstring(html.replace("<br>", "<br/>"))
    assert "small &lt;b&gt;&amp;" in sim.sweep(small, {"seed": [1]})._repr_html_()
    for values, more in (({}, {}), ({"seed": []}, {}), ({"seed": [1]}, {"seed": 2})):
        with pytest.raises(ValueError, match=r"vary|missing|both"):
            sim.sweep(small, values, **more)
    with pytest.raises(sim.ScenarioError, match="no `nobody`"):
        sim.sweep(small, {"agents.nobody.count": [1]})


def test_compiling_is_told_where_somebody_watches(
    small: sim.Scenario, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: a line on a terminal's standard error; none elsewhere, nor without progress, nor for
    the engine that is not compiled."""
    monkeypatch.setattr("sim.engine.compiled.is_compiled", lambda *_: False)

    def told(**options: Any) -> str:
        sim.run(small, replications=1, **options)
        sim.sweep(small, {"seed": [1]}, replications=1, **options)
        return capsys.readouterr().err

    assert told() == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert told().count("compiling the engine") == 2
    assert told(progress=False) == told(engine="simpy") == ""


def test_the_bar_is_for_notebooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim: outside a kernel there is none; in one it appears after a while, moves and goes."""
    with progress.progress_bar(True) as tell:
        assert tell is None
    shown: list[str] = []

    class Handle:
        def update(self, content: dict[str, str], raw: bool) -> None:
            shown.append(content["text/html"])

    def display(content: dict[str, str], raw: bool, display_id: bool) -> Handle:
        shown.append(content["text/html"])
        return Handle()

    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    clock = iter([0.0, 0.5, 1.5, 1.55, 2.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.progress_bar(True) as tell:
        assert tell is not None
        for done in range(1, 5):
            tell(done, 4)
    assert [text[:19] for text in shown] == ['<progress value="2"', '<progress value="4"', ""]
    with progress.progress_bar(False, notice=lambda: "no") as tell:
        assert tell is None
    shown.clear()
    clock = iter([0.0, 0.5, 1.5])
    with progress.progress_bar(True, "points", lambda: "compiling <1>") as tell:
        assert tell is not None
        tell(1, 2)
        tell(2, 2)
    assert shown[0] == "compiling &lt;1&gt;" and shown[2] == ""
    assert shown[1] == '<progress value="2" max="2"></progress> 2 of 2 points'


@pytest.mark.parametrize(
    "asked",
    [
        lambda: sim.run("desk.yaml"),  # type: ignore[arg-type]
        lambda: sim.check("desk.yaml"),  # type: ignore[arg-type]
        lambda: sim.compare({"a": "desk.yaml", "b": "desk.yaml"}),  # type: ignore[dict-item]
        lambda: sim.variants("desk.yaml", {}),  # type: ignore[arg-type]
        lambda: sim.sweep("desk.yaml", {}),  # type: ignore[arg-type]
        lambda: sim.staff("desk.yaml"),  # type: ignore[arg-type]
        lambda: sim.requirement("desk.yaml"),  # type: ignore[arg-type]
        lambda: sim.warmup("desk.yaml"),  # type: ignore[arg-type]
    ],
)
def test_a_path_is_no_scenario(asked: Callable[[], object]) -> None:
    """The error says how a file is read."""
    with pytest.raises(TypeError, match=r"found str: read one with `sim\.load\('desk\.yaml'\)`"):
        asked()


def test_variants_have_names() -> None:
    """A list of scenarios is no comparison."""
    with pytest.raises(TypeError, match="scenarios by their names"):
        sim.compare(["a", "b"])  # type: ignore[arg-type]


def test_errors_name_the_argument() -> None:
    """Not the override that the argument stands for."""
    text = "{horizon: 1h, queues: [{name: q, arrivals: {rate: 1/min}, service_time: 3min}],"
    text += " agents: [{name: a, count: 1}]}"
    with pytest.raises(sim.ScenarioError, match=r"^replications: must be at least 1"):
        sim.run(sim.loads(text), replications=0)
