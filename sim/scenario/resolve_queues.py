"""Queues: their calls, their names for other things, their defaults from the top level."""

from __future__ import annotations

import dataclasses
import math

from sim.scenario import form_arrivals as arrivals
from sim.scenario.behaviour import Busyness, LintWarning, Overflow, Retry, RetryCause
from sim.scenario.context import Context
from sim.scenario.distributions import Distribution
from sim.scenario.forecast import resolve_forecast
from sim.scenario.form import QueueForm, ServiceLevelForm
from sim.scenario.form_distributions import DistributionForm
from sim.scenario.model import (
    Arrivals,
    Discipline,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RegularArrivals,
    RenewalArrivals,
    RoutingMethod,
    ServiceLevel,
    ServiceLevelFormula,
    TagMatch,
)
from sim.scenario.nodes import Path, format_path
from sim.scenario.recorded import resolve_recorded
from sim.scenario.resolve_agents import unique
from sim.scenario.resolve_distributions import resolve_distribution
from sim.scenario.units import SUSPECT_BELOW_S, Milliseconds


def resolve_queue(
    form: QueueForm,
    defaults: tuple[TagMatch, ServiceLevelForm],
    wait_flow: int | None,
    context: Context,
    path: Path,
) -> Queue:
    """One queue; its wait flow is already a place in the flows."""
    service = resolve_distribution(form.service_time, context, (*path, "service_time"))
    wrap_up = _maybe(form.wrap_up, context, (*path, "wrap_up"))
    if form.name == "total":
        context.problem((*path, "name"), "`total` is reserved: it means all queues together")
    _note_milliseconds(form, context, path)
    return Queue(
        name=form.name,
        arrivals=_arrivals(form, service, wrap_up, context, (*path, "arrivals")),
        service_time=service,
        tags=unique(form.tags, context, (*path, "tags")),
        tag_match=TagMatch(form.tag_match) if form.tag_match else defaults[0],
        routing_method=RoutingMethod(form.routing_method),
        priority=form.priority,
        discipline=Discipline(form.discipline),
        wait_flow=wait_flow,
        wait_timeout_s=float(form.wait_timeout) or math.inf,
        service_timeout_s=float(form.service_timeout) or math.inf,
        max_waiting=form.max_waiting,
        patience=_maybe(form.patience, context, (*path, "patience")),
        wrap_up=wrap_up,
        service_level=service_level(form.service_level, defaults[1]),
        id=form.id,
        overflow=_overflow(form, context, path),
        retry=_retry(form, context, path),
    )


def service_level(own: ServiceLevelForm, top: ServiceLevelForm) -> ServiceLevel:
    """The queue's own fields, then the top level's, then the defaults."""
    threshold = own.threshold if own.threshold is not None else top.threshold
    short = own.short_abandon if own.short_abandon is not None else top.short_abandon
    formula = own.formula or top.formula
    plain = ServiceLevel()
    return ServiceLevel(
        plain.threshold_s if threshold is None else threshold,
        plain.short_abandon_s if short is None else short,
        plain.formula if formula is None else ServiceLevelFormula(formula),
    )


def _maybe(form: DistributionForm | None, context: Context, path: Path) -> Distribution | None:
    return None if form is None else resolve_distribution(form, context, path)


def _note_milliseconds(form: QueueForm, context: Context, path: Path) -> None:
    for name in ("wait_timeout", "service_timeout"):
        value = getattr(form, name)
        if isinstance(value, Milliseconds) and 0 < value < SUSPECT_BELOW_S:
            number = f"{value * 1000:g}"
            context.notes.append(
                LintWarning(
                    "milliseconds-suspected",
                    format_path((*path, name)),
                    f"`{name}: {number}` of queue `{form.name}` means {number} milliseconds: "
                    f"write `{number}s` if seconds were meant",
                )
            )


def _arrivals(
    form: QueueForm,
    service: Distribution,
    wrap_up: Distribution | None,
    context: Context,
    path: Path,
) -> Arrivals:
    way = form.arrivals
    match way:
        case arrivals.RateForm():
            return PoissonArrivals(way.rate, _busyness(way.busyness))
        case arrivals.InterarrivalForm():
            between = resolve_distribution(way.interarrival, context, (*path, "interarrival"))
            if between.mean_s <= 0:
                context.problem(
                    (*path, "interarrival"), "the mean time between calls must be more than 0"
                )
            return RenewalArrivals(between)
        case arrivals.EveryForm():
            return RegularArrivals(way.every)
        case arrivals.AtForm():
            return ListedArrivals(tuple(sorted(_instants(way, context, (*path, "at")))))
        case arrivals.ProfileArrivalsForm():
            profile = way.profile
            scale = profile.service_scale
            if scale is not None and len(scale) != len(profile.calls):
                context.problem(
                    (*path, "profile", "service_scale"),
                    f"one value per interval: {len(profile.calls)}, found {len(scale)}",
                )
            return ProfileArrivals(
                profile.interval,
                tuple(float(calls) for calls in profile.calls),
                None if scale is None else tuple(float(each) for each in scale),
                _busyness(way.busyness),
            )
        case arrivals.ForecastForm():
            names = (form.name,) if form.id is None else (form.name, form.id)
            forecast = resolve_forecast(way, names, service, wrap_up, context, path)
            return dataclasses.replace(forecast, busyness=_busyness(way.busyness))
        case arrivals.RecordedForm():
            return resolve_recorded(way, form.name, context, path)


def _busyness(form: arrivals.BusynessForm | None) -> Busyness | None:
    """None as well where no day differs from another."""
    return None if form is None or form.cv == 0 else Busyness(form.cv, form.shared)


def _instants(way: arrivals.AtForm, context: Context, path: Path) -> list[float]:
    instants: list[float] = []
    for i, moment in enumerate(way.at):
        at = context.instant(moment, (*path, i))
        if at is None:
            break
        if at < 0:
            context.problem((*path, i), "this instant is before the start")
        instants.append(at)
    return instants


def _overflow(form: QueueForm, context: Context, path: Path) -> Overflow | None:
    if form.overflow is None:
        return None
    to = context.queue_place(form.overflow.to, (*path, "overflow", "to"))
    return None if to is None else Overflow(form.overflow.after, to)


def _retry(form: QueueForm, context: Context, path: Path) -> Retry | None:
    retry = form.retry
    if retry is None:
        return None
    for i, cause in enumerate(retry.on):
        if cause in retry.on[:i]:
            context.problem((*path, "retry", "on", i), f"`{cause}` is written twice")
    delay = resolve_distribution(retry.delay, context, (*path, "retry", "delay"))
    causes = tuple(RetryCause(cause) for cause in retry.on)
    return Retry(retry.probability, delay, retry.max_attempts, causes)
