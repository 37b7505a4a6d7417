"""What waiting callers hear: wait flows as processes, and the count of what was played."""

from __future__ import annotations

from itertools import count

import simpy

from sim.engine.call import Call, Leaving
from sim.engine.choices import GENERATION_BITS, draw
from sim.engine.clock import Clock, Process
from sim.engine.lower import Plant
from sim.engine.rules import Deadline, Rank, order_key
from sim.engine.timeline import Ending, EndKind, Step, Timeline
from sim.logs import Cause, Outcome
from sim.mixing import descend


class WaitFlows:
    """The wait flows of all callers of a replication."""

    def __init__(self, plant: Plant, replication: int, clock: Clock) -> None:
        self._plant = plant
        self._clock = clock
        self._keys = [descend(q.announcement_key, replication) for q in plant.queues]
        # Whoever was there at the start (arrival below 0) counts, unless there is a warm-up.
        self._counted_from = plant.warmup_s if plant.warmup_s > 0.0 else -float("inf")
        self.plays = [[0, 0, 0] for _ in range(plant.n_actions)]
        """Per action of all flows: started, completed, hang-ups."""

    def start(self, call: Call, flow: Timeline) -> None:
        """The call's flow begins, as it joins."""
        if flow.ending is None or not flow.ends_before(0, 0):
            first = flow.steps[0]
            ends = flow.instant(call.arrival, 0, first.end_s)
            call.begun.append((0, first, call.arrival, ends))
        where = (0, 0, 0) if call.arrival >= 0.0 else self._before_start(call, flow)
        call.flow = self._clock.process(self._play(call, flow, *where))

    def _before_start(self, call: Call, flow: Timeline) -> tuple[int, int, int]:
        """What a call has heard that joined before the start: up to the action that is under way
        at 0, or to the flow's own end. Returns the pass, the step and the play."""
        n, i, play, at = 0, 0, 0, call.arrival
        while not flow.ends_before(n, i):
            step = flow.steps[i]
            if play > 0:
                end = flow.instant(call.arrival, n, step.end_s)
                end = end if step.end_s > step.begin_s else at
                call.begun.append((play, step, at, end))
            at = max(at, call.begun[-1][3])
            if at >= 0.0:
                break
            play += 1
            n, i = (n, i + 1) if i + 1 < len(flow.steps) else (n + 1, 0)
        return n, i, play

    def _play(self, call: Call, flow: Timeline, first: int, i: int, play: int) -> Process:
        """Action after action, and again from the top, until the call is answered or leaves.

        Step `i` of pass `first`, play number `play`, has begun already.
        """
        clock, ending, matters = self._clock, flow.ending, flow.holds_hangup
        under_way = True
        for n in count(first):
            for step in flow.steps[i:] if i else flow.steps:
                if ending is not None and flow.ends_before(n, i):
                    self._end(call, step, ending)
                    return
                if under_way:
                    end, under_way = call.begun[-1][3], False
                else:
                    end = flow.instant(call.arrival, n, step.end_s)
                    end = end if step.end_s > step.begin_s else clock.now
                    call.begun.append((play, step, clock.now, end))
                if end > clock.now:
                    key = order_key(Rank.LEAVE, call.number, Deadline.FLOW)
                    action_ends = clock.at(end, key, matters=matters)
                    try:
                        yield action_ends
                    except simpy.Interrupt:
                        clock.cancel(action_ends)
                        return
                    self.count(call, end, still_listening=True)
                if step.hangup_probability > 0.0:
                    which = play + (call.generation << GENERATION_BITS)
                    u = draw(self._keys[call.origin], call.place, which)
                    if u < step.hangup_probability and call.state is Outcome.WAITING:
                        self.hang_up(call, step, Cause.ANNOUNCEMENT)
                        return
                play += 1
                i += 1
            i = 0

    def _end(self, call: Call, step: Step, ending: Ending) -> None:
        """The flow ends on its own; while an agent is on the way, nothing but silence follows."""
        if call.state is Outcome.WAITING:
            match ending.kind:
                case EndKind.HANGUP:
                    self.hang_up(call, step, Cause.FLOW)
                case EndKind.QUEUE_JOIN:
                    call.process.interrupt(Leaving(Cause.NONE, to=ending.queue))
                case EndKind.LIMIT:
                    call.process.interrupt(Leaving(Cause.FLOW))

    def hang_up(self, call: Call, step: Step, cause: Cause) -> None:
        """An action drives the caller away, and counts it."""
        self._counts(call, step)[2] += call.arrival >= self._counted_from
        call.process.interrupt(Leaving(cause))

    def stop(self, call: Call, flow: simpy.Process) -> None:
        """The call is answered or leaves now: its flow ends, and what was heard is counted."""
        if flow.is_alive and flow is not self._clock.active_process:
            flow.interrupt()
        self.count(call, self._clock.now, still_listening=False)

    def count(self, call: Call, until: float, *, still_listening: bool) -> None:
        """Count the actions that began strictly before `until`, as completed if they ended by then.

        While the call is still listening, an action is only counted once it has ended, and none
        after the horizon: a call that waits for ever is counted up to there.
        """
        if still_listening and until > self._plant.horizon_s:
            return
        later = []
        for begun in call.begun:
            _, step, begin, end = begun
            if still_listening and (begin >= until or end > until):
                later.append(begun)
            elif begin < until and call.arrival >= self._counted_from:
                counts = self._counts(call, step)
                counts[0] += 1
                counts[1] += end <= until
        call.begun = later

    def _counts(self, call: Call, step: Step) -> list[int]:
        flow = self._plant.queues[call.queue].flow
        assert flow is not None
        return self.plays[self._plant.first_action[flow] + step.action]

    def heard_out_at(self, call: Call) -> float:
        """When the service can start: now, or at the end of an action that must be heard out.

        An action that begins or ends at this instant delays nothing, but for a call's first,
        which began with the call.
        """
        now = self._clock.now
        for play, step, begin, end in call.begun:
            if not step.interruptible and end > now and (begin < now or play == 0):
                return end
        return now
