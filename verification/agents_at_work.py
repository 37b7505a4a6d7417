"""What agents do beside talking, and how calls get to them: wrap-up, ringing, polling."""

from __future__ import annotations

from collections.abc import Iterable

from sim.experiment.result import Result
from sim.scenario.model import AgentGroup, Polling, PollOrder, Ring
from sim.theory.polling import polled
from sim.theory.work_stages import mmn_stages
from verification.comparisons import Known, Model
from verification.scenarios import exponential, poisson_queue, read, staffed

STAGES = ("abandonment", "wait_mean_s", "asa_s", "queue_length_mean", "occupancy", "utilisation")


def wrap_up() -> Model:
    rate, service_s, n, patience_s, wrap_up_s, room = 0.1, 50.0, 8, 40.0, 20.0, 6
    theory = mmn_stages(
        rate, service_s, n,
        patience_mean_s=patience_s, wrap_up_mean_s=wrap_up_s, max_waiting=room,
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ("blocked_share", "delayed", *STAGES), result)

    queue = poisson_queue(
        rate,
        exponential(service_s),
        patience_law=exponential(patience_s),
        wrap_up=exponential(wrap_up_s),
        room=room,
    )
    text = "5 erlangs of talk and 2 of wrap-up, 8 agents, room for 6, mean patience 40 s"
    return Model("wrap-up", text, staffed((queue,), n), rate, 2000.0, known)


def ringing() -> Model:
    rate, service_s, n, patience_s, wrap_up_s, ring_s = 0.1, 50.0, 8, 40.0, 20.0, 6.0
    theory = mmn_stages(
        rate, service_s, n,
        patience_mean_s=patience_s, wrap_up_mean_s=wrap_up_s, ring_mean_s=ring_s,
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, STAGES, result)

    queue = poisson_queue(
        rate,
        exponential(service_s),
        patience_law=exponential(patience_s),
        wrap_up=exponential(wrap_up_s),
    )
    group = AgentGroup("agents", n, ring=Ring(delay=exponential(ring_s)))
    text = "the same without a limit, and phones that ring for 6 s on average"
    return Model("ringing", text, staffed((queue,), (group,)), rate, 2000.0, known)


def polling(order: PollOrder) -> Model:
    """The platform's own intervals: its means do not depend on the order of service."""
    rate, service_s, n, patience_s = 0.1, 60.0, 7, 60.0
    theory = polled(
        rate, service_s, n,
        start_delay_s=0.1, retry_s=1.0, next_s=0.1, patience_mean_s=patience_s,
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "wait_mean_s", "queue_length_mean", "occupancy")
        yield from read(theory, names, result)

    queue = poisson_queue(rate, exponential(service_s), patience_law=exponential(patience_s))
    text = f"6 erlangs, 7 agents, mean patience 60 s, `polling: deployed`, the {order} first"
    scenario = staffed((queue,), n, dispatch=Polling(0.1, 1.0, 0.1, order))
    return Model(f"polling, {order}", text, scenario, rate, 2000.0, known)


def coarse_polling() -> Model:
    """Intervals as long as the services: here the ticks decide, not the agents."""
    rate, service_s, n = 0.05, 15.0, 2
    theory = polled(rate, service_s, n, start_delay_s=4.0, retry_s=10.0, next_s=7.0)

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ("wait_mean_s", "queue_length_mean", "occupancy"), result)

    queue = poisson_queue(rate, exponential(service_s))
    dispatch = Polling(4.0, 10.0, 7.0, PollOrder.OLDEST)
    text = "0.75 erlangs, 2 agents, ticks after 4 s (start), 10 s (retry), 7 s (next)"
    scenario = staffed((queue,), n, dispatch=dispatch)
    return Model("coarse polling", text, scenario, rate, 5000.0, known)
