"""The benchmarks' programs run, on models of a few hundred calls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks import machine, plain, textbook
from benchmarks.comparison import compare
from benchmarks.fresh import Case, measure
from benchmarks.models import MODELS, Model, four_queues, one_queue
from benchmarks.split import PARTS, split
from benchmarks.start import took
from benchmarks.tables import duration, significant, table

needs_compiler = pytest.mark.skipif(plain.compiler() is None, reason="there is no C compiler")


def test_all_programs_simulate_every_model_and_agree() -> None:
    """Each model has a table; shares of abandoned calls are compared."""
    found = compare(rounds=2, scale=0.005)
    assert found.agree
    assert found.text.count("| compiled engine") == len(MODELS)
    assert found.text.count("| textbook SimPy") == len(MODELS)


@needs_compiler
@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.name))
def test_plain_c_is_repeatable(model: Model, tmp_path: Path) -> None:
    """One seed, one result; about as many calls as asked for."""
    program = plain.build(tmp_path)
    serviced, abandoned, _ = plain.simulate(program, model, model.horizon_s(4000), 1)
    assert (serviced, abandoned) == plain.simulate(program, model, model.horizon_s(4000), 1)[:2]
    assert 3600 < serviced + abandoned < 4400


@needs_compiler
def test_plain_c_matches_tags(tmp_path: Path) -> None:
    """Nobody is served whose tag no agent has."""
    model = Model("nobody's", ((0.1, frozenset({3})),), (frozenset({1, 2}),))
    serviced, abandoned, _ = plain.simulate(plain.build(tmp_path), model, 10_000.0, 1)
    assert serviced == 0
    assert abandoned > 800


def test_textbook_of_many_queues_is_that_of_one() -> None:
    """The two textbook programs nearly agree where they overlap."""
    n, rate, horizon = 2, 2 / 300, 600_000.0
    one = textbook.simulate(rate, 300.0, n, 100.0, horizon, 1)
    many = textbook.simulate_queues([rate / 2] * 2, 300.0, [{0, 1}] * n, 100.0, False, horizon, 2)
    assert abs(one[1] / sum(one) - many[1] / sum(many)) < 0.06


def test_four_queues_have_fifty_agents_of_six_kinds() -> None:
    """All pairs of tags, nine agents at most of a kind."""
    agents = four_queues(newest_first=True).agents
    assert len(agents) == 50
    assert sorted(agents.count(kind) for kind in set(agents)) == [8, 8, 8, 8, 9, 9]


@pytest.mark.parametrize("engine", ["compiled", "simpy"])
def test_a_case_of_growth(engine: str) -> None:
    """Overload fills the queue."""
    found = measure(Case(calls=500, agents=5, load=2.0, engine=engine), 0.0)
    assert found.most_waiting > 0
    assert found.peak_mb > found.run_mb >= 0.0


def test_a_split_has_all_parts() -> None:
    """Every part takes some time."""
    found = split(one_queue().scenario(2000))
    assert set(found.seconds) == set(PARTS)
    assert found.calls > 1500
    assert sum(found.seconds.values()) > 0.0


def test_a_command_is_timed() -> None:
    """Both clocks run."""
    found = took(["--version"], dict(os.environ))
    assert found.wall_s > 0.0
    assert found.processor_s > 0.0


def test_facts_name_the_interpreter() -> None:
    """The machine's table has its rows."""
    assert "| Python" in machine.facts()


def test_tables() -> None:
    """Columns are aligned; durations have three significant digits."""
    assert table(["a", "b"], [["long", "1"]]) == "| a    |  b |\n| ---- | -: |\n| long |  1 |\n"
    assert [duration(s) for s in (1.234e-7, 2e-5, 0.0456, 7.0)] == [
        "123 ns",
        "20.0 µs",
        "45.6 ms",
        "7.00 s",
    ]
    assert [significant(x) for x in (0.0, 1.0, 12345.0)] == ["0", "1.00", "12,300"]
