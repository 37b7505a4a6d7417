"""Loading: files of every kind, all errors at once, names, defaults, and what stays unloaded."""

from __future__ import annotations

import io
import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.scenario.errors import MAX_SHOWN, ScenarioError
from sim.scenario.load import load_scenario, loads_scenario
from sim.scenario.model import RoutingMethod, ServiceLevelFormula, TagMatch

BASE = """\
horizon: 8h
queues:
  - {name: a, arrivals: {rate: 1/min}, service_time: 3min}
agents:
  - {name: t}
"""


def test_defaults() -> None:
    """What the file leaves out is what the reference says."""
    scenario = loads_scenario(BASE, "some/where.yaml")
    (queue,) = scenario.queues
    assert scenario.name == "where"
    assert (scenario.replications, scenario.seed, scenario.interval_s) == (20, 1, 1800.0)
    assert queue.routing_method is RoutingMethod.RANDOM
    assert queue.tag_match is TagMatch.ALL
    assert math.isinf(queue.wait_timeout_s) and math.isinf(queue.service_timeout_s)
    assert queue.patience is None and queue.max_waiting is None and queue.wait_flow is None
    assert scenario.agents[0].count == 1 and scenario.agents[0].shifts(0) == ((0.0, math.inf),)


def test_service_level_fields_come_from_the_top_level() -> None:
    """A queue overrides only the fields that it writes."""
    text = BASE.replace("service_time", "service_level: {threshold: 5s}, service_time")
    text += "service_level: {threshold: 9s, formula: answered_of_answered}\n"
    level = loads_scenario(text).queues[0].service_level
    assert level.threshold_s == 5.0
    assert level.formula is ServiceLevelFormula.ANSWERED_OF_ANSWERED


def test_api_shapes() -> None:
    """Objects of the real API can be pasted, as JSON, with fields that mean nothing here."""
    text = """{"horizon": "8h", "x-note": [1, 2], "queues": [{"id": "q-1", "customer_id": "c",
    "name": "a", "detail": "", "direct_hash": "", "routing_method": "random", "tag_ids": ["x"],
    "wait_flow_id": "00000000-0000-0000-0000-000000000000", "wait_timeout": 100000,
    "service_timeout": 10000000, "wait_queuecall_ids": [], "service_queuecall_ids": ["z"],
    "total_incoming_count": 76, "total_serviced_count": 70, "total_abandoned_count": 21,
    "tm_create": "2022-03-29 15:07:46.111715", "tm_delete": null, "arrivals": {"rate": "1/min"},
    "service_time": "3min"}], "agents": [{"id": "u", "customer_id": "c", "username": "u@x",
    "name": "ann", "detail": "", "ring_method": "ringall", "status": "away", "permission": 0,
    "tag_ids": ["x"], "addresses": [], "tm_create": ""}], "expect": ["a.asa_s <= 5s"]}"""
    scenario = loads_scenario(text)
    assert scenario.queues[0].wait_timeout_s == 100.0
    assert scenario.queues[0].service_timeout_s == 10000.0
    assert scenario.queues[0].tags == ("x",) and scenario.queues[0].id == "q-1"
    assert not scenario.agents[0].present and scenario.agents[0].shifts(0) == ()


def test_features_that_are_switched_off() -> None:
    """A feature that is switched off is no error."""
    text = BASE + "dispatch: immediate\nflow_action_limit: null\ninitial: null\n"
    text = text.replace("{name: t}", "{name: t, shrinkage: 0, breaks: [], ring: null}")
    loads_scenario(text)


def test_all_errors_at_once() -> None:
    """Wrong values, unknown keys and unknown names are reported together, in order."""
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(
            "horizon: 8\nfoo: 1\nqueues:\n  - name: a\n    wait_flow: nowhere\n    patience: 5\n"
            "    arrivals: {rate: 1/min}\n    service_time: {distribution: gamma, mean: 5s}\n"
            "agents: [{name: t, count: x, shrinkage: 2}, {name: t}]\nexpect: [b.asa_s <= 5s]\n"
        )
    assert [p.line for p in caught.value.problems] == [1, 2, 5, 6, 8, 9, 9, 9, 10]
    assert "<text>:5:16: queues[0].wait_flow: the scenario has no flows" not in str(caught.value)
    assert "queues[0].wait_flow: no flow `nowhere`: the scenario has no flows" in str(caught.value)


def test_a_missing_horizon_is_told_among_others() -> None:
    """What else is wrong does not hide that the horizon is missing."""
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(BASE.replace("horizon: 8h", "warmup: 5"))
    assert [p.message[:9] for p in caught.value.problems] == ["`horizon`", "a bare nu"]


def test_at_most_twenty_are_shown() -> None:
    """Many errors are counted, not listed."""
    text = BASE + "".join(f"bad{i}: 1\n" for i in range(50))
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(text)
    assert len(caught.value.problems) == 50
    assert f"and {50 - MAX_SHOWN} more errors" in caught.value.render()


def test_caret() -> None:
    """The source line is shown with a caret below the value."""
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(BASE.replace("1/min", "often"), "x.yaml")
    head, source, caret = caught.value.render().split("\n")
    assert head.startswith("x.yaml:3:32: queues[0].arrivals.rate: expected a rate")
    assert source[caret.index("^") :].startswith("often")


def test_bad_files(tmp_path: Path) -> None:
    """Each file that can't be read is one error that names it."""
    cases = {
        "missing.yaml": (None, "no such file"),
        "binary.yaml": (b"\x7fELF\0\0", "binary file"),
        "latin.yaml": ("name: Käse".encode("latin-1"), "not UTF-8"),
        "utf16.yaml": ("name: a".encode("utf-16"), "UTF-16"),
        "large.yaml": (b"# " + b"x" * 10_000_000, "larger than 4 MB"),
        "empty.yaml": (b"", "the file is empty"),
        "text.yaml": (b"hello", "expected a mapping"),
        "list.yaml": (b"[1, 2]", "expected a mapping"),
    }
    for name, (content, fragment) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        begun = time.perf_counter()
        with pytest.raises(ScenarioError) as caught:
            load_scenario(path)
        assert time.perf_counter() - begun < 2
        assert fragment in caught.value.render()
        assert caught.value.problems[0].file == str(path)
    with pytest.raises(ScenarioError, match="is a folder"):
        load_scenario(tmp_path)
    with pytest.raises(ScenarioError):
        load_scenario("nul\0byte.yaml")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BASE.encode())))
    assert load_scenario("-").name == "stdin"


def test_a_byte_order_mark_is_no_content() -> None:
    """Files saved by Windows editors load."""
    assert loads_scenario(BASE.replace("\n", "\r\n")) == loads_scenario(BASE)


def test_hash(tmp_path: Path) -> None:
    """The hash follows what is meant, not how it is written, and the bytes of files."""
    plain = loads_scenario(BASE)
    assert loads_scenario("# note\n" + BASE.replace("8h", "480min")).sha256 == plain.sha256
    assert loads_scenario(BASE, overrides=["seed=2"]).sha256 != plain.sha256
    (tmp_path / "f.csv").write_text("0s,5\n30min,6\n")
    text = BASE.replace("{rate: 1/min}", "{forecast: f.csv}")
    one = loads_scenario(text, folder=tmp_path).sha256
    (tmp_path / "f.csv").write_text("0s,5\n30min,7\n")
    assert loads_scenario(text, folder=tmp_path).sha256 != one


def test_hash_is_stable() -> None:
    """A fixed scenario keeps its hash from process to process."""
    code = f"from sim.scenario.load import loads_scenario as l; print(l({BASE!r}).sha256)"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(runs) == 1


def test_loading_is_light() -> None:
    """Reading a scenario loads no numerical package and takes a fraction of a second."""
    code = (
        "from sim.scenario.load import loads_scenario\n"
        f"loads_scenario({BASE!r})\n"
        "import sys\n"
        "assert not {'numpy', 'pandas', 'scipy', 'simpy', 'numba'} & set(sys.modules)\n"
    )
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - begun)
    assert min(times) < 1.0


def test_a_flow_with_an_error_hides_no_other_error() -> None:
    """A flow whose action is wrong is mended, so that what names alone tell is still reported."""
    text = (
        "horizon: 1h\nagents: []\nqueues:\n"
        "  - {name: a, arrivals: {rate: 1/min}, service_time: 1s}\n"
        "  - {name: a, arrivals: {rate: 1/min}, service_time: 1s}\n"
        "flows:\n  - {name: f, actions: [{sleep: soon}]}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(text)
    assert [p.path for p in caught.value.problems] == [
        "queues[1].name",
        "flows[0].actions[0].sleep",
    ]
