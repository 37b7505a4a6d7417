"""Wait flows: how long each action takes, where jumps lead, and that time passes."""

from __future__ import annotations

import re

from sim.scenario import form_flows as forms
from sim.scenario.context import Context, Names
from sim.scenario.flow_pass import MAX_PASS, pass_of
from sim.scenario.model import Action, ActionType, Flow
from sim.scenario.nodes import Path
from sim.scenario.units import parse_timeout

BEEP_S = 0.5
CHARACTERS_PER_S = 5.0
_UNSPACED = ("ja", "zh", "th", "lo", "km", "my", "yue", "cmn", "wuu", "bo")
_UNSPACED_SCRIPT = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
_BREAK = re.compile(
    r"<break\b[^<>]{0,200}\btime\s*=\s*[\"']?\s*([0-9.]{1,20}\s*m?s)\b[^<>]{0,200}>", re.I
)
_TAG = re.compile(r"<[^<>]*>")


def resolve_flow(
    name: str,
    identity: str | None,
    forms_: list[forms.ActionForm],
    words_per_minute: float,
    context: Context,
    path: Path,
) -> Flow:
    """A flow with its actions resolved, checked to take time."""
    ids: dict[str, int] = {}
    for i, form in enumerate(forms_):
        if form.id is not None and ids.setdefault(form.id, i) != i:
            context.problem((*path, i, "id"), f"the id `{form.id}` is that of another action")
    actions = tuple(
        _action(form, ids, words_per_minute, context, (*path, i)) for i, form in enumerate(forms_)
    )
    flow = Flow(name, actions, identity)
    message = _pass_problem(flow)
    if message is not None:
        context.problem(path, message)
    return flow


def _pass_problem(flow: Flow) -> str | None:
    steps = pass_of(flow)
    if steps is None:
        return (
            f"one pass of the flow has more than {MAX_PASS:,} steps: "
            "lower the `loop_count` of its `goto` actions"
        )
    last = flow.actions[steps[-1]] if steps else None
    ends = last is not None and last.type in (ActionType.HANGUP, ActionType.QUEUE_JOIN)
    if not ends and not any(flow.actions[i].duration_s > 0 for i in steps):
        return (
            "the flow could loop without time passing: give it an action that takes time, "
            "such as `sleep: 10s`, or end it with `hangup` or `queue_join`"
        )
    return None


def _action(
    form: forms.ActionForm,
    ids: dict[str, int],
    words_per_minute: float,
    context: Context,
    path: Path,
) -> Action:
    duration, text = 0.0, None
    target, loop_count, queue = None, 0, None
    match form:
        case forms.TalkForm():
            text = form.text
            if text is None and form.duration is None:
                context.problem((*path, "text"), "a `talk` needs `text` or `duration`")
            elif not form.async_:
                duration = (
                    float(form.duration)
                    if form.duration is not None
                    else speech_s(text or "", form.language, words_per_minute)
                )
        case forms.SleepForm() | forms.PlayForm():
            duration = float(form.duration)
        case forms.BeepForm():
            duration = BEEP_S
        case forms.GotoForm():
            loop_count = form.loop_count
            target = ids.get(form.target_id) if form.target_id is not None else None
            if target is None:
                known = Names("action id", ids, list(ids))
                context.problem((*path, "target_id"), known.unknown(form.target_id or "(nil)"))
        case forms.QueueJoinForm():
            queue = context.queue_place(form.queue, (*path, "queue"))
        case forms.HangupForm():
            pass
    return Action(
        type=ActionType(form.type),
        duration_s=duration,
        interruptible=form.interruptible,
        hangup_probability=form.hangup_probability,
        target=target,
        loop_count=loop_count,
        id=form.id,
        text=text,
        queue=queue,
    )


def speech_s(text: str, language: str | None, words_per_minute: float) -> float:
    """An estimate of how long a text takes to say: words, or characters without spaces.

    A `<break time="500ms"/>` counts for its time; tags are not spoken.
    """
    pauses = sum(_pause_s(found) for found in _BREAK.findall(text))
    spoken = _TAG.sub(" ", _BREAK.sub(" ", text))
    words = spoken.split()
    if _without_spaces(spoken, language):
        return pauses + sum(len(word) for word in words) / CHARACTERS_PER_S
    return pauses + len(words) * 60.0 / words_per_minute


def _pause_s(text: str) -> float:
    try:
        return float(parse_timeout(text.lower()))
    except ValueError:
        return 0.0


def _without_spaces(text: str, language: str | None) -> bool:
    if language:
        return language.replace("_", "-").split("-")[0].lower() in _UNSPACED
    letters = sum(ch.isalnum() for ch in text)
    return letters > 0 and len(_UNSPACED_SCRIPT.findall(text)) * 2 > letters
