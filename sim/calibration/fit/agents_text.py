"""The agents of the scenario, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from sim.calibration.days import clock_text
from sim.calibration.fit.calibrate import Calibration
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.teams import Team
from sim.calibration.fit.wording import comment, counted, interval_of, percentage, plain_number
from sim.scenario.emit import scalar

MOST_MEMBERS = 12


def agent_lines(c: Calibration, tagged: bool) -> Iterator[str]:
    said = {
        "presence": "agents logged in and not paused, on average over the days",
        "activity": "estimated from activity: an agent is taken to be there from the first answer"
        " of a stretch to the last, averaged over the days",
        "effective": "the log names no agents: these numbers make the log's mean waits by Erlang's"
        " formula with patience, and stand for what agents were there, breaks and all",
    }[c.agents_from]
    yield from comment(said, 0)
    if c.occupancy is not None and c.occupancy.value is not None:
        yield from comment(
            f"seen to be busy {percentage(c.occupancy.value)} of that time,"
            f" {interval_of(c.occupancy, percentage)}", 0,
        )  # fmt: skip
    yield "agents:"
    for place, team in enumerate(c.teams.teams):
        yield from _team(c, team, c.team_name(place), tagged)


def _team(c: Calibration, team: Team, name: str, tagged: bool) -> Iterator[str]:
    yield f"  - name: {name}"
    if team.members:
        shown = ", ".join(team.members[:MOST_MEMBERS])
        more = len(team.members) - MOST_MEMBERS
        yield from comment(
            f"{counted(len(team.members), 'agent')} of the log: {shown}"
            + (f" and {more} more" if more > 0 else ""), 4,
        )  # fmt: skip
    if tagged:
        tags = ", ".join(scalar(each) for each in c.names_of(team.queues))
        yield f"    tags: [{tags}]"
    if name in c.constant:
        yield f"    count: {c.constant[name]}  # as asked"
        return
    if team.members:
        yield from comment(
            f"{plain_number(float(team.hours.value or 0.0))} agent hours a day,"
            f" {interval_of(team.hours)}; {plain_number(float(team.peak.value or 0.0))} at the"
            f" busiest time, {interval_of(team.peak)}", 4,
        )  # fmt: skip
    periods = list(_periods(team.counts, c.sample))
    if not periods:
        yield "    count: 1  # less than one on average: one all the time"
    elif len(periods) == 1 and periods[0][0] == c.sample.from_s and periods[0][1] == c.sample.to_s:
        yield f"    count: {periods[0][2]}"
    else:
        yield "    schedule:"
        for since, until, count in periods:
            yield f"      - {{from: {clock_text(since)}, to: {clock_text(until)}, count: {count}}}"


def _periods(counts: tuple[int, ...], s: Sample) -> Iterator[tuple[float, float, int]]:
    """Adjoining intervals of one number, without those of nobody."""
    begin = 0
    for i in range(1, len(counts) + 1):
        if i == len(counts) or counts[i] != counts[begin]:
            if counts[begin]:
                yield (
                    s.from_s + begin * s.interval_s, s.from_s + i * s.interval_s, counts[begin],
                )  # fmt: skip
            begin = i
