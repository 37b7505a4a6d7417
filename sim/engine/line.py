"""The calls that wait, and which of them an agent takes who becomes available."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice

from sim.engine.call import Call
from sim.engine.choices import draw, pick
from sim.engine.lower import Plant
from sim.mixing import descend
from sim.scenario.model import Discipline


class Line:
    """One queue's waiting calls. Joining, leaving and both ends cost the same at any length."""

    def __init__(self) -> None:
        self.calls: OrderedDict[int, Call] = OrderedDict()
        """By place in the order of joining, over all queues."""

    def __len__(self) -> int:
        return len(self.calls)

    def join(self, call: Call) -> None:
        self.calls[call.joined_as] = call

    def come_back(self, call: Call) -> None:
        """The call waits again, before all that joined after it. Linear in their number."""
        later = [other for other in self.calls if other > call.joined_as]
        self.join(call)
        for other in later:
            self.calls.move_to_end(other)

    def leave(self, call: Call) -> None:
        del self.calls[call.joined_as]

    def next(self, discipline: Discipline) -> Call:
        """The call that joined first (`fifo`) or last (`lifo`)."""
        last = discipline is Discipline.LIFO
        return next(reversed(self.calls.values())) if last else next(iter(self.calls.values()))

    def at(self, place: int) -> Call:
        """The call at `place` by joining, from 0."""
        return next(islice(self.calls.values(), place, None))


class Lines:
    """The waiting calls of all queues."""

    def __init__(self, plant: Plant, replication: int) -> None:
        self._plant = plant
        self._group_of: list[int] = plant.group_of.tolist()
        self._index_in_group: list[int] = plant.index_in_group.tolist()
        self._offers = [0] * len(plant.queues)
        self._picks = [0] * plant.n_agents
        self._offer_keys = [descend(q.offer_key, replication) for q in plant.queues]
        self._discipline_keys = [descend(key, replication) for key in plant.discipline_key]
        self.of = [Line() for _ in plant.queues]
        """By queue."""

    def next_call(self, agent: int) -> Call | None:
        """The waiting call that an agent takes: priority first, then the queues' discipline."""
        plant = self._plant
        matched = plant.queues_of_group[self._group_of[agent]]
        waiting = [q for q in matched if self.of[q].calls]
        if not waiting:
            return None
        if len(waiting) == 1:
            discipline = plant.queues[waiting[0]].discipline
            if discipline is not Discipline.RANDOM:
                return self.of[waiting[0]].next(discipline)
        top = max(plant.queues[q].priority for q in waiting)
        queues = [q for q in waiting if plant.queues[q].priority == top]
        disciplines = {plant.queues[q].discipline for q in queues}
        if len(disciplines) > 1:
            return min((self.offer(q) for q in queues), key=lambda call: call.joined_as)
        (discipline,) = disciplines
        if discipline is Discipline.RANDOM:
            return self.any_of(queues, agent)
        calls = (self.of[q].next(discipline) for q in queues)
        if discipline is Discipline.LIFO:
            return max(calls, key=lambda call: call.joined_as)
        return min(calls, key=lambda call: call.joined_as)

    def offer(self, q: int) -> Call:
        """The call that queue `q` offers by its own discipline, beside queues of others."""
        discipline = self._plant.queues[q].discipline
        if discipline is not Discipline.RANDOM:
            return self.of[q].next(discipline)
        u = draw(self._offer_keys[q], self._offers[q], 0)
        self._offers[q] += 1
        return self.of[q].at(pick(u, len(self.of[q])))

    def any_of(self, queues: list[int], agent: int) -> Call:
        """Any call of these queues with equal chance, counted queue by queue, by joining."""
        key = self._discipline_keys[self._group_of[agent]]
        u = draw(key, self._index_in_group[agent], self._picks[agent])
        self._picks[agent] += 1
        place = pick(u, sum(len(self.of[q]) for q in queues))
        for q in queues:
            if place < len(self.of[q]):
                return self.of[q].at(place)
            place -= len(self.of[q])
        raise AssertionError("the place lies within the pool")
