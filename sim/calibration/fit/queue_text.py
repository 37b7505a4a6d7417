"""A queue of the scenario, line by line, with where each number comes from."""

from __future__ import annotations

from collections.abc import Iterator

from sim.calibration.days import clock_text
from sim.calibration.fit.calibrate import Calibration, QueueFit
from sim.calibration.fit.choice import Chosen
from sim.calibration.fit.families import DETERMINISTIC
from sim.calibration.fit.likelihood import SHORT_S, Beside
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.service import Service
from sim.calibration.fit.wording import (
    comment,
    counted,
    interval_of,
    lead,
    p_text,
    percent_of,
    percentage,
    plain_number,
    rounded,
    seconds,
)
from sim.scenario.emit import scalar
from sim.scenario.units import format_duration


def values_file(stem: str, place: int) -> str:
    """The file of the service times of the queue at this place, as they were."""
    return f"{stem}-service-{place + 1}.csv"


def queue_lines(
    c: Calibration, queue: QueueFit, place: int, tagged: bool, values_stem: str
) -> Iterator[str]:
    n = queue.counts
    yield f"  - name: {scalar(queue.name)}"
    yield from comment(
        f"{counted(n['calls'], 'call')}: {n['answered']:,} answered, {n['abandoned']:,} gave up"
        + "".join(
            f", {n[key]:,} {word}"
            for key, word in (
                ("timeout", "timed out"), ("left", "left otherwise"), ("blocked", "blocked"),
                ("open", "not seen to their end"),
            )
            if n[key]
        ),
        4,
    )  # fmt: skip
    if tagged:
        yield f"    tags: [{scalar(queue.name)}]  # that of the agents who answer it"
    yield from _limits(queue)
    yield from _arrivals(c, queue)
    yield from _service(queue, place, values_stem)
    yield from _patience(queue)
    if place and _has_wrap_up(c):
        yield "    wrap_up: *wrap_up"
    elif not place:
        yield from _wrap_up(c)


def _limits(queue: QueueFit) -> Iterator[str]:
    found = queue.limits
    if found.other_priority > 0.0:
        yield from comment(
            f"{100 * found.other_priority:.3g} % of the calls have another priority in the log:"
            " here all of a queue's calls have one", 4,
        )  # fmt: skip
    if found.priority or found.other_priority > 0.0:
        yield f"    priority: {found.priority}  # the most frequent in the log"
    if found.wait_timeout_s is not None and found.same_wait is not None:
        yield (
            f"    wait_timeout: {format_duration(found.wait_timeout_s)}"
            f"  # {100 * found.same_wait:.0f} % of {found.timed_out:,} timeouts were then"
        )
    elif found.timed_out:
        yield from comment(
            f"{counted(found.timed_out, 'call')} timed out, at different waits: no timeout is set",
            4,
        )
    if found.left:
        yield from comment(
            f"{counted(found.left, 'call')} left otherwise (a key, no agents, moved on): left out",
            4,
        )
    if found.most_waiting is not None:
        yield from comment(
            f"{counted(found.blocked, 'call')} blocked, with {found.most_waiting:,} waiting on the"
            " median: perhaps `max_waiting`, perhaps closed", 4,
        )  # fmt: skip


def _arrivals(c: Calibration, queue: QueueFit) -> Iterator[str]:
    found, s = queue.arrivals, c.sample
    per_day = float(found.per_day.value or 0.0)
    yield from comment(
        f"{plain_number(per_day)} calls a day, {interval_of(found.per_day)}, over"
        f" {counted(s.n_days, 'day')}{_half_widths(queue)}", 4,
    )  # fmt: skip
    yield "    arrivals:"
    yield "      profile:"
    yield f"        interval: {format_duration(s.interval_s)}"
    yield "        calls:"
    yield from _rows([float(each.value or 0.0) for each in found.by_slot], s, 10)
    if queue.service.time_of_day.is_shown and not queue.service_of_all:
        yield from comment(
            f"conversations are longer at some times of the day (Friedman's test,"
            f" {p_text(queue.service.time_of_day.p_value)}):", 8,
        )  # fmt: skip
        yield "        service_scale:"
        yield from _rows(list(queue.service.time_of_day.scale), s, 10)
    yield from _busyness(queue)


def _half_widths(queue: QueueFit) -> str:
    known = [
        each.half_width / each.value
        for each in queue.arrivals.by_slot
        if each.value and each.half_width is not None
    ]
    if not known:
        return ""
    middle = sorted(known)[len(known) // 2]
    return f"; each interval's calls ±{100 * middle:.0f} % (the median of the intervals)"


def _rows(values: list[float], s: Sample, indent: int) -> Iterator[str]:
    """An hour a line, or what an interval is, with its clock time beside it."""
    a_line = max(1, round(3600.0 / s.interval_s))
    pad = " " * indent
    for i in range(0, len(values), a_line):
        cells = ", ".join(f"{round(v, 3):g}" for v in values[i : i + a_line])
        first = pad + ("[" if i == 0 else " ")
        last = "]" if i + a_line >= len(values) else ","
        yield f"{first}{cells}{last}  # {clock_text(s.from_s + i * s.interval_s)}"


def _busyness(queue: QueueFit) -> Iterator[str]:
    found = queue.arrivals.busyness
    if found.p_value is None:
        yield from comment("how much days differ can't be told from one day: Poisson", 6)
    elif found.is_shown:
        cv = float(found.cv.value or 0.0)
        both = ", shared: true" if queue.shares_busyness else ""
        yield from comment(
            f"days differ more than by chance (variance {found.dispersion:.3g} times the mean,"
            f" {p_text(found.p_value)}); cv {interval_of(found.cv)}", 6,
        )  # fmt: skip
        yield f"      busyness: {{cv: {rounded(cv):g}{both}}}"
    else:
        yield from comment(
            f"days differ no more than by chance ({p_text(found.p_value)}; a cv up to"
            f" {plain_number(found.cv.high or 0.0)} can't be excluded): Poisson", 6,
        )  # fmt: skip


def _service(queue: QueueFit, place: int, values_stem: str) -> Iterator[str]:
    found = queue.service
    of = "of all queues together, as this one has too few; " if queue.service_of_all else ""
    yield from comment(
        f"{of}mean of {counted(found.n, 'conversation')} {interval_of(found.mean, seconds)};"
        f" {_chosen(found)}", 4,
    )  # fmt: skip
    if found.values_s is not None:
        file = scalar(values_file(values_stem, place))
        yield f"    service_time: {{distribution: empirical, file: {file}, column: service_s}}"
        return
    if found.short.n and found.chosen.law.beside is not Beside.SHORT:
        yield from comment(
            f"{percent_of(found.short.share)} lasted less than 10 s, as the distribution has it",
            4,
        )
    yield from law_lines("service_time", found.chosen, found.main_mean_s, 4)


def _chosen(found: Service) -> str:
    law = found.chosen.law
    if found.values_s is not None:
        return "as they were"
    text = law.family.name
    if law.family.parameters > 1:
        text += f", cv {interval_of(found.cv)}"
    text += lead(found.chosen)
    if law.beside is Beside.SHORT:
        text += (
            f"; beside it a share of less than 10 s, {interval_of(found.chosen.share, percentage)}"
        )
    return text


def law_lines(
    key: str, chosen: Chosen, mean_s: float, indent: int, anchor: str = ""
) -> Iterator[str]:
    """A fitted law with this mean of its family, as the file writes it."""
    pad, law = " " * indent, chosen.law
    if law.family is DETERMINISTIC:
        yield f"{pad}{key}: {anchor}{seconds(mean_s)}"
        return
    body = f"distribution: {law.family.name}, mean: {seconds(mean_s)}"
    if law.family.parameters > 1:
        body += f", cv: {rounded(law.main.cv):g}"
    if law.beside is Beside.NOTHING:
        yield f"{pad}{key}: {anchor}{{{body}}}"
        return
    other = (
        "distribution: deterministic, value: 0s"
        if law.beside is Beside.ZERO
        else f"distribution: uniform, low: 0s, high: {format_duration(SHORT_S)}"
    )
    share = rounded(law.share)
    yield f"{pad}{key}: {anchor}".rstrip()
    yield f"{pad}  distribution: mixture"
    yield f"{pad}  of:"
    yield f"{pad}    - {{weight: {share:g}, {other}}}"
    yield f"{pad}    - {{weight: {round(1.0 - share, 6):g}, {body}}}"


def _patience(queue: QueueFit) -> Iterator[str]:
    found = queue.patience
    if found is None:
        yield from comment("no call waited: nothing is known of patience, so it is endless here", 4)
        return
    if found.chosen is None:
        bound = "" if found.at_least_s is None else (
            f"; if it is exponential its mean is above {seconds(found.at_least_s)} at 95 %"
        )  # fmt: skip
        yield from comment(
            f"{found.gave_up:,} of {found.waits:,} who waited gave up, too few to tell patience: it"
            f" is endless here{bound}", 4,
        )  # fmt: skip
        return
    law, of = found.chosen.law, ""
    if queue.patience_of_all:
        of = "of all queues together, as here too few gave up; "
    text = (
        f"{of}{found.gave_up:,} of {found.waits:,} who waited gave up, the others would have stayed"
        f" longer; {law.family.name}, mean {interval_of(found.chosen.mean, seconds)}"
    )
    text += lead(found.chosen)
    if law.beside is Beside.ZERO:
        share = interval_of(found.chosen.share, percentage)
        text += f"; beside it those who will not wait at all, {share}"
    yield from comment(text, 4)
    yield from comment(
        f"beyond {seconds(found.known_to_s)} hardly a wait was seen: what lies there, the mean too,"
        " is the family's guess", 4,
    )  # fmt: skip
    yield from law_lines("patience", found.chosen, law.main.mean_s, 4)


def _has_wrap_up(c: Calibration) -> bool:
    return c.wrap_up.source == "asked" or (c.wrap_up.source != "none" and c.wrap_up.mean_s > 0.0)


def _wrap_up(c: Calibration) -> Iterator[str]:
    """The wrap-up of the first queue, which the others repeat by its anchor."""
    found, anchor = c.wrap_up, "&wrap_up " if len(c.queues) > 1 else ""
    if found.source == "asked" and c.asked.wrap_up is not None:
        yield f"    wrap_up: {anchor}{c.asked.wrap_up[0]}  # as asked"
        return
    if not _has_wrap_up(c):
        if found.source == "none":
            yield from comment(
                "the log tells no wrap-up, nor who answered how soon again: none (--wrap-up 30s)", 4
            )
        return
    if found.source == "log":
        text = f"mean of {found.n:,} in the log, all queues, {interval_of(found.mean, seconds)}"
    else:
        text = (
            "estimated, all queues: from the end of a conversation to the answer of a call that"
            f" had waited, {found.n:,} of up to {seconds(found.cut_s)};"
            f" {interval_of(found.mean, seconds)}"
        )
    yield from comment(text, 4)
    if found.chosen is None:
        yield f"    wrap_up: {anchor}{seconds(found.mean_s)}"
    else:
        mean_s = found.mean_s / (1.0 - found.chosen.law.share)
        yield from law_lines("wrap_up", found.chosen, mean_s, 4, anchor)
