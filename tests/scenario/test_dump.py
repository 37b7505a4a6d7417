"""A dumped scenario loads to an equal one, whatever it holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import templates
from sim.scenario.digest import digest
from sim.scenario.dump import dump_scenario
from sim.scenario.emit import emit
from sim.scenario.lint import lint
from sim.scenario.load import load_scenario, loads_scenario
from sim.scenario.model import ActionType, Flow
from sim.scenario.nodes import Source
from sim.scenario.reader import read_document
from sim.scenario.resolve_flows import BEEP_S
from tests.features import with_features
from tests.strategies import scenarios

SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped(path: Path) -> None:
    """Every shipped scenario comes back equal, with the same hash."""
    scenario = load_scenario(path)
    again = loads_scenario(dump_scenario(scenario))
    assert again == scenario and again.sha256 == scenario.sha256
    assert dump_scenario(again) == dump_scenario(scenario)


@pytest.mark.parametrize("name", templates.names())
def test_templates(name: str) -> None:
    """Every template loads without a warning, comes back equal and fits on one page."""
    scenario = loads_scenario(templates.text(name))
    assert lint(scenario) == ()
    assert loads_scenario(dump_scenario(scenario)) == scenario
    assert len(templates.text(name).splitlines()) <= 60


def test_default_template_first() -> None:
    """`queue` is the template that is given without a name."""
    assert templates.names()[0] == "queue" == templates.DEFAULT
    with pytest.raises(KeyError):
        templates.text("../model")


durations = st.floats(0.001, 1e6).map(lambda s: f"{s!r}s")
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn", "Cf", "Co", "Zs")),
    min_size=1,
    max_size=8,
)
cvs = st.floats(0.1, 5)
simple = st.one_of(
    durations,
    st.builds(lambda m: {"distribution": "exponential", "mean": m}, durations),
    st.builds(
        lambda k, m, cv, o: {"distribution": k, "mean": m, "cv": cv, "offset": o},
        st.sampled_from(["gamma", "lognormal", "weibull"]),
        durations,
        cvs,
        durations,
    ),
    st.builds(
        lambda m, cv: {"distribution": "hyperexponential", "mean": m, "cv": 1 + cv}, durations, cvs
    ),
    st.builds(
        lambda v: {"distribution": "empirical", "values": v}, st.lists(durations, min_size=1)
    ),
)
mixtures = st.lists(
    st.tuples(st.floats(0.01, 100), simple.filter(lambda d: isinstance(d, dict))),
    min_size=1,
    max_size=4,
).map(lambda rows: {"distribution": "mixture", "of": [{"weight": w, **d} for w, d in rows]})
any_distribution = st.one_of(simple, mixtures)
arrivals = st.one_of(
    st.floats(0, 10).map(lambda r: {"rate": f"{r!r}/min"}),
    durations.map(lambda d: {"every": d}),
    st.lists(durations, max_size=5).map(lambda at: {"at": at}),
    st.lists(st.floats(0, 100), min_size=1, max_size=5).map(
        lambda calls: {"profile": {"interval": "30min", "calls": calls}}
    ),
)
actions = st.lists(
    st.one_of(durations.map(lambda d: {"sleep": d}), texts.map(lambda t: {"talk": t})),
    max_size=3,
).map(lambda rows: [{"sleep": "1s"}, *rows])
queues = st.fixed_dictionaries(
    {"arrivals": arrivals, "service_time": any_distribution},
    optional={
        "tags": st.lists(texts, unique=True, max_size=3),
        "patience": any_distribution,
        "wrap_up": any_distribution,
        "wait_timeout": st.one_of(durations, st.integers(0, 10**6)),
        "priority": st.integers(-5, 5),
        "max_waiting": st.integers(0, 100),
        "wait_flow": actions,
        "discipline": st.sampled_from(["fifo", "lifo", "random"]),
    },
)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(texts.filter(lambda t: t != "total"), queues, min_size=1, max_size=3),
    st.dictionaries(texts, st.integers(0, 50), max_size=3),
)
def test_any_scenario(by_name: dict[str, dict[str, object]], agents: dict[str, int]) -> None:
    """Scenarios drawn at random come back equal."""
    document: dict[str, object] = {
        "horizon": "8h",
        "replications": 1,
        "queues": [{"name": name, **queue} for name, queue in by_name.items()],
        "agents": [
            {"name": name, "count": count, "tags": [name]} for name, count in agents.items()
        ],
    }
    scenario = loads_scenario(emit(document))
    assert loads_scenario(dump_scenario(scenario), "<text>") == scenario
    lint(scenario)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_features(data: st.DataObject) -> None:
    """Overflow, retries, recorded calls, breaks, ringing, polling, ... come back equal.

    So does the hash, and lint has nothing to stumble over.
    """
    scenario = data.draw(with_features(data.draw(scenarios())))
    scenario = replace(scenario, flows=tuple(_named(flow) for flow in scenario.flows))
    again = loads_scenario(dump_scenario(scenario))
    assert again == scenario
    assert dump_scenario(again) == dump_scenario(scenario)
    assert again.sha256 == digest(scenario, {})
    assert lint(again) == lint(scenario)


def _named(flow: Flow) -> Flow:
    """The flow as a file can have it: actions have an `id` to go to, a beep takes its time."""
    actions = [replace(action, id=f"n{i}") for i, action in enumerate(flow.actions)]
    beep = ActionType.BEEP
    return replace(
        flow,
        actions=tuple(replace(a, duration_s=BEEP_S) if a.type is beep else a for a in actions),
    )


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(st.characters(codec="utf-8"), max_size=20),
            st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=30),
        ),
        max_size=5,
    ).filter(lambda d: all(c < "\ud800" or c > "\udfff" for k in d for c in k))
)
def test_emitted_values_come_back(document: dict[str, object]) -> None:
    """What is emitted is read as what it was, text as text."""
    assert read_document(Source("x", emit(document) if document else "{}")) == document
