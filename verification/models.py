"""The models whose behaviour `sim.theory` knows, in the order of the page.

A model's place is its seed: new ones go to the end.
"""

from __future__ import annotations

from sim.scenario.model import Discipline, PollOrder
from verification.agents_at_work import coarse_polling, polling, ringing, wrap_up
from verification.callers import (
    endless_retrials,
    overflow_at_once,
    retrials_in_random_order,
    retrials_of_the_blocked,
)
from verification.comparisons import Model
from verification.days import busy_and_quiet_days, one_day
from verification.one_queue import (
    deterministic_service,
    erlang_a,
    erlang_b,
    erlang_c,
    finite_room,
    general_patience,
    hyperexponential_service,
    insensitive_loss,
    several_servers,
    timeout_first_come,
    timeout_last_come,
)
from verification.several_queues import (
    own_service_times,
    specialists_and_generalists,
    tag_chain,
    two_priorities,
    unequal_priorities,
)


def models() -> list[Model]:
    """All models."""
    return [
        erlang_b(),
        insensitive_loss(),
        erlang_c(),
        erlang_a(),
        finite_room(),
        general_patience(),
        timeout_first_come(),
        timeout_last_come(),
        *(deterministic_service(discipline) for discipline in Discipline),
        hyperexponential_service(),
        several_servers(Discipline.LIFO),
        several_servers(Discipline.RANDOM),
        two_priorities(),
        unequal_priorities(),
        tag_chain("fifo"),
        tag_chain("random"),
        tag_chain("priority"),
        own_service_times(),
        specialists_and_generalists(),
        wrap_up(),
        ringing(),
        retrials_in_random_order(),
        endless_retrials(),
        retrials_of_the_blocked(),
        overflow_at_once(by_flow=False),
        overflow_at_once(by_flow=True),
        polling(PollOrder.NEWEST),
        polling(PollOrder.OLDEST),
        coarse_polling(),
        one_day(),
        busy_and_quiet_days(),
    ]
