"""The N design, first come first served, without the order of the line: one more queue fits.

References
----------
Gans, Koole, Mandelbaum (2003), Telephone call centers, M&SOM 5(2), section 5 (the N design).
Visschers, Adan, Weiss (2012), A product form solution to a system with multi-type jobs and
multi-type servers, Queueing Systems 70 (to count, not to name, the jobs that no server has
looked at).
"""

from collections.abc import Iterable

import numpy as np

from sim.theory.chains import explore, stationary
from sim.theory.measures import require_count, require_positive
from sim.theory.tag_systems import TagQueueMeasures, TagSystemMeasures

ENOUGH = 1e-12
"""The largest share of arrivals that the cut at the end of the line may turn away."""

_MAX_STATES = 200_000

# busy for A only; of those for both, busy with A and with B; in line: B passed over, not looked at
_State = tuple[int, int, int, int, int]


def n_design(
    rates_per_s: tuple[float, float],
    n_a_only: int,
    n_both: int,
    service_means_s: tuple[float, float, float],
    patience_mean_s: float,
) -> TagSystemMeasures:
    """Queues A and B, agents for A only and for both, oldest call first; endless line, exact.

    ``service_means_s``: A by the first group, A by the second, B by the second. One exponential
    patience for both queues. Calls go to one of the idle agents who serve them, each with
    equal chance. Queues are reported in the order A, B, groups in the order A only, both.

    An agent for A only who looks for work passes over the B at the head of the line. So the
    line is always: calls passed over, all B, then calls that nobody has looked at. These are of
    kind A with chance rate A / (both rates), each by itself, since kinds leave at one rate: it is
    enough to count them. (With unequal patience the kinds of those still there depend on how
    long they have waited, and ``tag_system`` has to name them in order.) The line is cut
    where it turns away at most 1e-12 of the arrivals; ``blocked_share`` is 0. ValueError for
    invalid parameters or more than 200,000 states.
    """
    rate_a, rate_b = (require_positive("rates_per_s", rate) for rate in rates_per_s)
    first, second_a, second_b = (require_positive("service_means_s", s) for s in service_means_s)
    theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    n_1, n_2 = require_count("n_a_only", n_a_only, 0), require_count("n_both", n_both, 1)
    share = rate_a / (rate_a + rate_b)
    room = 16

    def freed_first(state: _State) -> Iterable[tuple[_State, float]]:
        """An agent for A only is free: the first A among the calls not looked at, if any."""
        one, a, b, passed, unseen = state
        skip = 1.0
        for i in range(unseen):
            yield (one + 1, a, b, passed + i, unseen - i - 1), skip * share
            skip *= 1.0 - share
        yield (one, a, b, passed + unseen, 0), skip

    def freed_both(state: _State) -> Iterable[tuple[_State, float]]:
        one, a, b, passed, unseen = state
        if passed:
            yield (one, a, b + 1, passed - 1, unseen), 1.0
        elif unseen:
            yield (one, a + 1, b, 0, unseen - 1), share
            yield (one, a, b + 1, 0, unseen - 1), 1.0 - share
        else:
            yield state, 1.0

    def moves(state: _State) -> Iterable[tuple[_State, float]]:
        one, a, b, passed, unseen = state
        idle_1, idle_2 = n_1 - one, n_2 - a - b
        open_ = passed + unseen < room
        if idle_1 + idle_2:
            to_first = rate_a * idle_1 / (idle_1 + idle_2)
            if idle_1:
                yield (one + 1, a, b, passed, unseen), to_first
            if idle_2:
                yield (one, a + 1, b, passed, unseen), rate_a - to_first
                yield (one, a, b + 1, passed, unseen), rate_b
            elif open_:
                yield (one, a, b, passed + 1, 0), rate_b  # nobody for B: known at once
        elif open_:
            yield (one, a, b, passed, unseen + 1), rate_a + rate_b
        if one:
            for to, chance in freed_first((one - 1, a, b, passed, unseen)):
                yield to, chance * one / first
        if a:
            for to, chance in freed_both((one, a - 1, b, passed, unseen)):
                yield to, chance * a / second_a
        if b:
            for to, chance in freed_both((one, a, b - 1, passed, unseen)):
                yield to, chance * b / second_b
        if passed:
            yield (one, a, b, passed - 1, unseen), passed * theta
        if unseen:
            yield (one, a, b, passed, unseen - 1), unseen * theta

    while True:
        states, generator = explore((0, 0, 0, 0, 0), moves, _MAX_STATES)
        law = stationary(generator)
        one, a, b, passed, unseen = np.array(states).T
        if float(law @ (passed + unseen == room)) <= ENOUGH:
            break
        room *= 2
    taken = a + b == n_2  # nobody for B
    queues = []
    for rate, length, late, flows in (
        (
            rate_a,
            share * float(law @ unseen),
            float(law @ (taken & (one == n_1))),
            (float(law @ one) / first, float(law @ a) / second_a),
        ),
        (
            rate_b,
            float(law @ passed) + (1.0 - share) * float(law @ unseen),
            float(law @ taken),
            (0.0, float(law @ b) / second_b),
        ),
    ):
        answered = sum(flows)
        queues.append(
            TagQueueMeasures(
                blocked_share=0.0,
                delayed=late,
                abandonment=theta * length / rate,
                queue_length_mean=length,
                wait_mean_s=length / rate,
                served_by=(flows[0] / answered, flows[1] / answered),
            )
        )
    occupancy = float(law @ one) / n_1 if n_1 else 0.0, float(law @ (a + b)) / n_2
    return TagSystemMeasures(tuple(queues), occupancy, len(states))
