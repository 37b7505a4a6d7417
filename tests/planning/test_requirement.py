"""Requirements by interval: against exact theory, and what is done with them."""

from __future__ import annotations

import json
import math
import re
import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.cli.app import main
from sim.metrics.estimates import Estimate, estimate
from sim.metrics.verdicts import Verdict
from sim.planning.aim import Aim, days_to_show
from sim.planning.day_staffing import DayStaffing, judge, refusal
from sim.planning.erlang import System, answer
from sim.planning.erlang_by_interval import demand
from sim.planning.fresh_days import Certificate, certified
from sim.planning.in_order import InOrder, NoRequirementError
from sim.planning.requirement import requirement, scheduled
from sim.planning.requirement_document import as_scheduled, document, rows, schedule_yaml
from sim.report.figures import draw, names_for
from sim.report.figures.style import to_svg
from sim.report.requirement import requirement_report
from sim.scenario.dump import dump_scenario
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario, Target
from sim.scenario.targets import parse_target
from sim.theory.offered_wait import Leaving
from verification.requirement import Day, compare, table

SMALL = """
name: small
start: 2026-11-23 08:00
horizon: 45min
interval: 15min
queues:
  - name: help
    arrivals: {profile: {interval: 15min, calls: [6, 20, 0]}}
    service_time: {distribution: exponential, mean: 4min}
    patience: {distribution: exponential, mean: 3min}
agents:
  - {name: team, count: 9, shrinkage: 25%}
"""


def asked(scenario: Scenario, *texts: str, **how: object):  # type: ignore[no-untyped-def]
    """The requirement of the first group, on 200 days."""
    queues = [queue.name for queue in scenario.queues]
    targets = [parse_target(text, queues, [g.name for g in scenario.agents]) for text in texts]
    return requirement(scenario, targets, 0, replications=200, **how)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def found():  # type: ignore[no-untyped-def]
    """What the small day requires."""
    return asked(loads_scenario(SMALL), "total.service_level >= 80%")


def test_as_exact_theory_says() -> None:
    """A Markov day: the exact numbers, or one more where 600 days can't tell (`Row.agrees`).

    Erlang A has too many before the peak's calls have filled the agents.
    """
    one = Day("day", (2.0, 6.0, 2.0), 900.0, 480.0, 240.0, "abandonment", 0.06)
    found = compare(one, 600)
    assert all(row.agrees for row in found), table(found)
    assert all(row.exact <= row.simulated <= row.exact + 1 for row in found)
    assert found[0].erlang_a is not None and found[0].erlang_a > found[0].exact


def test_each_interval_is_shown_and_needs_its_agents(found) -> None:  # type: ignore[no-untyped-def]
    """All targets are met with their interval; nobody is needed where nobody calls.

    Without one of the agents no interval is shown to meet them.
    """
    assert found.all_met
    assert all(s.one_fewer is None or s.one_fewer[0].low < 0.8 for s in found.slots)
    busy = found.slots[:2]
    assert all(slot.shown[0].estimate.low >= 0.8 for slot in busy)
    assert busy[1].required > busy[0].required > 0
    assert found.slots[2].shown[0].estimate.value is None


class Made:
    """Days on which callbacks say what an interval reaches, for a search (from 0) and afresh.

    `error` is the standard error of 50 days.
    """

    edges_s = np.array([0.0, 1.0, 2.0, 3.0])
    n_slots, group = 3, 0
    scenario = loads_scenario(SMALL)

    def __init__(
        self,
        seen: Callable[[list[int], int], float],
        fresh: Callable[[list[int], int], float],
        error: float,
    ) -> None:
        self.reached, self.deviation = (seen, fresh), error * math.sqrt(50)
        self.firsts: list[int] = []

    def simulate(
        self, counts: list[int], n: int, *, first: int = 0, slots: int = 3
    ) -> tuple[list[int], int, bool]:
        self.firsts += [first] if first else []
        return list(counts), n, first > 0

    def estimates(self, result: tuple[list[int], int, bool], target: Target) -> list[Estimate]:
        counts, n, is_fresh = result
        influence = self.deviation * np.resize([1.0, -1.0], n)
        return [estimate(self.reached[is_fresh](counts, i), influence) for i in range(3)]

    def over_day(self, result: tuple[list[int], int, bool], target: Target) -> Estimate:
        return self.estimates(result, target)[0]

    def left_waiting(self, result: object) -> list[bool]:
        return [False] * 3


LEVEL = parse_target("total.service_level >= 80%", ["help"], ["team"])


def shown_on(day: Made, counts: list[int]) -> tuple[InOrder, Certificate]:
    """A search on 100 made days, and its certificate on 50 others."""
    search = InOrder(day, (LEVEL,), 100, lambda: None)  # type: ignore[arg-type]
    return search, certified(day, (LEVEL,), search, counts, 50, lambda: None)  # type: ignore[arg-type]


def test_an_agent_who_becomes_superfluous_is_taken_back() -> None:
    """The first interval turns out to need one more, with whom the second needs two fewer.

    The search's days are too kind to the first by 0.1, which the first fresh ones tell: the others
    show the numbers that it finds then.
    """

    def fresh(counts: list[int], i: int) -> float:
        return 0.7 + 0.1 * (counts[i] - (4, 9 - 2 * (counts[0] - 4), 3)[i])

    def seen(counts: list[int], i: int) -> float:
        return fresh(counts, i) + (0.1 if i == 0 else 0.0)

    day = Made(seen, fresh, 0.025)
    search, found = shown_on(day, [4, 10, 3])
    assert (found.counts, found.attempts) == ([6, 7, 5], 1)
    assert day.firsts == [100, 150] and found.first == 150
    assert not search.failed
    deviation = 0.025 * math.sqrt(50 * 50 / 49)
    assert search.drift.of((0, 0)) == pytest.approx(-0.1 / deviation * 50 / 150)
    (fewer,) = search.expected(0, [5, 7, 5])
    by = -0.1 / deviation * 50 / 150 * 0.025 * math.sqrt(50 * 100 / 99)
    assert fewer.value == pytest.approx(0.9 + by) and by == pytest.approx(-0.033, abs=1e-3)


def test_what_failed_is_not_tried_again() -> None:
    """The first interval misses narrowly twice, each time with numbers that the search trusts.

    With what it learnt 5 agents would still reach its aim on the second attempt (0.90 > 0.892).
    """

    def seen(counts: list[int], i: int) -> float:
        return 0.96 + 0.01 * min(counts[i] - 5, 3) if counts[i] >= 5 else 0.5

    def fresh(counts: list[int], i: int) -> float:
        return 0.97 if i or counts[0] >= 7 else seen(counts, 0) - 0.12

    search, found = shown_on(Made(seen, fresh, 0.025), [5, 5, 5])
    assert (found.counts, found.attempts) == ([7, 5, 5], 3)
    assert search.failed.keys() == {(5,), (6,)}


def test_the_aim_is_what_the_certificate_can_show() -> None:
    """Student's quantile and the luck of all limits, in standard errors of the certificate.

    With a quarter of the days it lies twice as far away; where nothing varies, nowhere.
    """
    found = estimate(0.9, 0.4 * np.resize([1.0, -1.0], 100))
    many, few = Aim.of(0.95, 40_000, 16), Aim.of(0.95, 10_000, 16)
    deviation = 0.4 * math.sqrt(100 / 99)
    luck = statistics.NormalDist().inv_cdf(1.0 - 0.25 / 16)
    assert 0.1 - many.room(found, LEVEL) == pytest.approx(
        (1.96 + luck) * deviation / 200.0, rel=1e-4
    )
    assert (0.1 - few.room(found, LEVEL)) / (0.1 - many.room(found, LEVEL)) == pytest.approx(
        2.0, rel=1e-4
    )
    assert few.room(estimate(0.9, np.zeros(100)), LEVEL) == pytest.approx(0.1)


def test_what_can_not_be_shown_is_said() -> None:
    """However many agents, 82 % +- 5: no endless search, but what to do about it."""

    def level(counts: list[int], i: int) -> float:
        return min(0.82, 0.1 * counts[i])

    with pytest.raises(NoRequirementError, match=r"too narrowly .* 50 replications: give more"):
        shown_on(Made(level, level, 0.025), [4, 4, 4])


def test_days_that_are_all_alike_need_more_of_them() -> None:
    """Nobody is added where everybody is served at once; the days that it takes are exact."""
    target = parse_target("total.service_level >= 99%", ["help"], ["team"])
    scenario = loads_scenario(SMALL.replace("[6, 20, 0]", "[1, 1, 0]"))
    found = requirement(scenario, [target], 0, replications=40)
    assert not found.all_met and max(slot.required for slot in found.slots) <= 5
    assert found.advice is not None and "every one of the 40 replications: give" in found.advice
    alike = Estimate(1.0, influence=np.zeros(40))
    needed = days_to_show(alike, target, 0.95)
    assert needed == 299  # 0.99^299 <= 5 % < 0.99^298
    for n, outcome in ((298, Verdict.NOT_SHOWN), (299, Verdict.MET)):
        assert judge(Estimate(1.0, influence=np.zeros(n)), target, 0.95)[0] is outcome
    assert judge(Estimate(1.0, influence=np.zeros(299)), target, 0.975)[0] is Verdict.NOT_SHOWN


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("over", ["interval", "day"])
def test_few_days_show_a_more_generous_requirement(seed: int, over: str) -> None:
    """On 40 days all is shown in a few attempts, with at least the agents of 400 days (seeds
    fixed; a target that does not hold is called met with probability 5 % at most)."""
    scenario = replace(loads_scenario(SMALL), seed=seed)
    few = requirement(scenario, [LEVEL], 0, over=over, replications=40)
    many = requirement(scenario, [LEVEL], 0, over=over, replications=400)
    assert few.all_met and many.all_met and few.confidence <= 0.9875
    agents = [sum(slot.required for slot in found.slots) for found in (few, many)]
    assert agents[1] <= agents[0] <= agents[1] + 4


def test_shrinkage_is_applied_once(found) -> None:  # type: ignore[no-untyped-def]
    """Scheduled is required over one less the shrinkage, rounded up, exact multiples not."""
    assert [scheduled(n, 0.25) for n in (0, 1, 3, 6, 7)] == [0, 2, 4, 8, 10]
    assert scheduled(9, 0.1) == 10 and scheduled(5, 0.0) == 5
    assert [s.scheduled for s in found.slots] == [scheduled(s.required, 0.25) for s in found.slots]


def test_the_schedule_can_be_pasted(found) -> None:  # type: ignore[no-untyped-def]
    """Put into the scenario as it is printed it means the scheduled agents, shrinkage kept."""
    indented = schedule_yaml(found).replace("\n", "\n    ")
    text = SMALL.replace("count: 9, ", "").replace(
        "  - {name: team, shrinkage: 25%}", f"  - name: team\n    shrinkage: 25%\n    {indented}"
    )
    pasted = loads_scenario(text).agents[0]
    assert pasted.schedule == found.day.periods([slot.scheduled for slot in found.slots])
    again = loads_scenario(dump_scenario(as_scheduled(found))).agents[0]
    assert (again.schedule, again.shrinkage) == (pasted.schedule, 0.25)


def test_the_day_is_one_schedule() -> None:
    """Neighbours that are alike are one period; no agents, no period."""
    day = DayStaffing.of(loads_scenario(SMALL), 0, 900.0)
    told = [(p.from_s, p.to_s, p.count) for p in day.periods([2, 2, 0])]
    assert told == [(0.0, 1800.0, 2)]
    assert day.staffed([0, 0, 0]).agents[0].schedule == ()
    assert day.scenario.agents[0].shrinkage == 0.0


def test_calls_that_nobody_answers_are_seen() -> None:
    """Without patience and agents, callers wait for ever: in no ratio, but told."""
    text = SMALL.replace("    patience: {distribution: exponential, mean: 3min}\n", "")
    day = DayStaffing.of(loads_scenario(text), 0, 900.0)
    result = day.simulate([9, 0, 0], 20)
    assert day.left_waiting(result) == [False, True, False]


def test_erlang_of_an_interval_is_erlang() -> None:
    """The rate and handle time of each interval, with and without patience; wrap-up included."""
    text = SMALL.replace("    patience", "    wrap_up: 30s\n    patience")
    scenario = loads_scenario(text)
    target = parse_target("total.service_level >= 80%", ["help"], ["team"])
    told = demand(scenario, 0, [0.0, 900.0, 1800.0, 2700.0], [target])
    assert told[1].calls == pytest.approx(20.0)
    assert told[1].offered_load_erlangs == pytest.approx(20.0 * 270.0 / 900.0)
    for leaving, n in ((Leaving(), told[1].erlang_c), (Leaving(180.0), told[1].erlang_a)):
        system = System(20.0 / 900.0, 270.0, leaving)
        assert n is not None
        assert answer(system, n).service_level >= 0.8  # type: ignore[operator]
        fewer = answer(system, n - 1).service_level if n > 6.001 else 0.0
        assert fewer < 0.8  # type: ignore[operator]
    assert (told[2].erlang_c, told[2].erlang_a) == (0, 0)


def test_erlang_does_not_apply_to_shared_calls() -> None:
    """Where another group takes the same calls, or for another metric, there is no number."""
    two = loads_scenario(SMALL + "  - {name: others, count: 1}\n")
    level = parse_target("total.service_level >= 80%", ["help"], ["team"])
    assert demand(two, 0, [0.0, 900.0], [level])[0].erlang_c is None
    length = parse_target("total.queue_length_mean <= 1", ["help"], ["team"])
    assert demand(loads_scenario(SMALL), 0, [0.0, 900.0], [length])[0].erlang_a is None


def test_over_the_day_no_agent_can_be_spared() -> None:
    """The target holds for all calls together; on the same days with none fewer anywhere."""
    from sim.planning.over_day import OverDay

    scenario = loads_scenario(SMALL)
    day = DayStaffing.of(scenario, 0, 900.0)
    target = parse_target("total.service_level >= 80%", ["help"], ["team"])
    search = OverDay(day, (target,), 150, lambda: None, 100)
    counts = search.least([3, 8, 1])
    assert counts is not None and search.room(counts) >= 0.0
    for i, n in enumerate(counts):
        assert n == 0 or search.room([*counts[:i], n - 1, *counts[i + 1 :]]) < 0.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("total.service_level <= 80%", "more agents lead away"),
        ("agents.team.occupancy >= 80%", "more agents lead away"),
        ("total.wait_p90_s <= 20s", "no number by interval"),
        ("P(total.service_level >= 80%) >= 90%", "without `P(...)`"),
    ],
)
def test_targets_that_make_no_sense_here(text: str, why: str) -> None:
    """A target that fewer agents meet, a metric that intervals don't have, a share of days."""
    assert why in str(refusal(parse_target(text, ["help"], ["team"])))
    with pytest.raises(ValueError, match=re.escape(text)):
        asked(loads_scenario(SMALL), "total.service_level >= 80%", text)


def test_document_table_and_report(found) -> None:  # type: ignore[no-untyped-def]
    """The document is JSON, the table has a row for each interval, the report its sentence."""
    told = document(found)
    assert json.loads(json.dumps(told, allow_nan=False))["format"] == "callsim.requirement/1"
    header, table_rows = rows(told)
    assert len(table_rows) == 3 and all(len(row) == len(header) for row in table_rows)
    quarter = sum(slot.required for slot in found.slots) / 4.0
    assert told["agent_hours"]["required"] == pytest.approx(quarter)
    report = requirement_report(told, schedule_yaml(found), found.day.scenario.start, width=100)
    assert "total.service_level >= 80% in every interval takes" in report
    assert "08:15" in report and "schedule:\n  - {from: 08:00" in report


def test_figures(found) -> None:  # type: ignore[no-untyped-def]
    """By interval, and as a map of several days; the lines have the document's numbers."""
    told = document(found)
    assert names_for(told) == ["requirement"]
    figure = draw("requirement", told)
    values = [list(p.get_data().values) for p in figure.axes[1].patches]
    assert [slot.required for slot in found.slots] in values
    assert "agents of team by interval" in to_svg(figure)
    long = told | {
        "intervals": [
            slot | {key: slot[key] + 86400.0 * day for key in ("start_s", "end_s")}
            for day in (0, 1)
            for slot in told["intervals"]
        ]
    }  # fmt: skip
    assert names_for(long) == ["requirement", "requirement_map"]
    assert "day by day" in to_svg(draw("requirement_map", long))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with everything in it and a figure; not again without --force; the file loads."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    plot, out = tmp_path / "a.svg", tmp_path / "out"
    command = ["requirement", str(path), "--target", "total.service_level >= 80%", "--json", "-q",
               "--replications", "60", "--out", str(out), "--plot", str(plot)]  # fmt: skip
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["feasible"] and [s["required"] for s in told["intervals"]][1] > 0
    assert sorted(p.name for p in out.iterdir()) == [
        "requirement.csv", "requirement.json", "scenario.yaml", "schedule.yaml",
    ]  # fmt: skip
    assert plot.read_text().startswith("<?xml")
    loads_scenario((out / "scenario.yaml").read_text())
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--target", "total.service_level > 80%"], 2, "--target: a target uses"),
        (["--target", "help.asa_s >= 5s"], 2, "lead away"),
        (["--target", "P(help.service_level >= 80%) >= 90%"], 2,
         "--target: `P(help.service_level >= 80%) >= 90%`: the agents of an interval"),
        (["--target", "help.asa_s <= 5s", "--group", "taem"], 2, "did you mean `team`"),
        (["--target", "help.asa_s <= 5s", "--interval", "0s"], 2, "--interval"),
        (["--target", "help.asa_s <= 5s", "--plot", "x.bmp"], 2, "a .png or an .svg"),
        (["--target", "help.asa_s <= 5s", "--replications", "3"], 2, "at least 20"),
        (["--target", "help.abandonment <= 1%", "--group", "idle", "--replications", "20"], 1,
         "No number of agents of `idle`"),
    ],
)  # fmt: skip
def test_exit_codes(
    more: list[str], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 for what makes no sense, 1 where no number of agents helps; nothing on standard output."""
    path = tmp_path / "two.yaml"
    path.write_text(
        SMALL.replace("  - name: help", "  - name: help\n    tags: [a]").replace(
            "count: 9, shrinkage: 25%", "count: 1, tags: [a]"
        )
        + ("  - {name: idle, tags: [b]}\n" if "idle" in more else "")
    )
    assert main(["requirement", str(path), "-q", *more]) == code
    told = capsys.readouterr()
    assert told.out == "" and says in told.err


def test_nobody_to_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No agents is refused in a sentence; no calls need nobody: an empty schedule to paste."""
    path = tmp_path / "none.yaml"
    command = ["requirement", str(path), "-q", "--target", "total.asa_s <= 5s"]
    path.write_text(SMALL.replace("  - {name: team, count: 9, shrinkage: 25%}", "  []"))
    assert main(command) == 2
    assert "there are no agents whose number could be wanted" in capsys.readouterr().err
    path.write_text(SMALL.replace("[6, 20, 0]", "[0, 0, 0]"))
    assert main([*command, "--replications", "20"]) == 0
    told = capsys.readouterr().out
    assert told.endswith("schedule: []\n") and "One fewer" not in told
    pasted = SMALL.replace("shrinkage: 25%", "schedule: []")
    assert loads_scenario(pasted).agents[0].schedule == ()
