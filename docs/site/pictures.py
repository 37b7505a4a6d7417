"""The two pictures of docs/model.md, drawn from what the engines go by.

`python -m docs.site.pictures` writes them; the tests compare them with the files.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from textwrap import wrap
from xml.sax.saxutils import escape

from sim.engine import rules
from sim.logs import Cause, Outcome

FOLDER = Path(__file__).parents[1] / "pictures"

STYLE = """\
svg.picture { max-width: 100%; height: auto; }
svg.picture { font: 15px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
svg.picture { --ink: #1f2933; --soft: #5b6673; --box: #eef3f8; --end: #fdf3e7; --line: #7b8794; }
@media (prefers-color-scheme: dark) {
  svg.picture { --ink: #e6e9ee; --soft: #aab4c0; --box: #2b3542; --end: #443524; --line: #9aa5b1; }
}
svg.picture text { fill: var(--ink); }
svg.picture .soft { fill: var(--soft); font-size: 13px; }
svg.picture .name { font-weight: 600; }
svg.picture .box { fill: var(--box); stroke: var(--line); }
svg.picture .end { fill: var(--end); stroke: var(--line); }
svg.picture .way { fill: none; stroke: var(--line); stroke-width: 1.6; }
svg.picture .tip { fill: var(--line); }"""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pictures().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


def pictures() -> dict[str, str]:
    """The files' names and contents."""
    return {"states.svg": states(), "order.svg": order()}


def states() -> str:
    """A call's states: those of `sim.logs.Outcome`, and the ways between them."""
    causes = [each.name.lower() for each in Cause if each is not Cause.NONE]
    boxes = {
        Outcome.BLOCKED: (396, 115, "end"),
        Outcome.OVERFLOWED: (62, 220, "end"),
        Outcome.WAITING: (222, 220, "box"),
        Outcome.CONNECTING: (222, 330, "box"),
        Outcome.ABANDONED: (396, 330, "end"),
        Outcome.SERVICE: (222, 440, "box"),
        Outcome.DONE: (222, 530, "end"),
    }
    parts = [_text(222, 26, "a call arrives", "name", "middle")]
    parts += [_box(x, y, state, kind) for state, (x, y, kind) in boxes.items()]
    parts += [
        _way("M222 36 V190", 222, 198, "down"),
        _way("M222 115 H334", 342, 115, "right"),
        _way("M168 220 H124", 116, 220, "left"),
        _way("M210 242 V300", 210, 308, "down"),
        _way("M234 308 V250", 234, 242, "up"),
        _way("M276 220 H396 V300", 396, 308, "down"),
        _way("M276 330 H334", 342, 330, "right"),
        _way("M222 352 V410", 222, 418, "down"),
        _way("M222 462 V500", 222, 508, "down"),
    ]
    parts += [
        _text(234, 66, "nobody is free, and", "soft"),
        _text(234, 83, "max_waiting is reached", "soft"),
        _text(8, 187, "goes on to another queue", "soft"),
        _text(200, 280, "is given an agent", "soft", "end"),
        _text(244, 280, "nobody answers", "soft"),
        _text(309, 322, "hangs up", "soft", "middle"),
        _text(450, 371, "by cause:", "soft", "end"),
        _text(450, 388, ", ".join(causes[:2]) + ",", "soft", "end"),
        _text(450, 405, ", ".join(causes[2:]), "soft", "end"),
        _text(232, 390, "the answer", "soft"),
    ]
    return _svg(
        456,
        560,
        "A call's states",
        "A call arrives and is waiting, or is blocked. From waiting it becomes connecting when it "
        "is given an agent, abandoned, or overflowed to another queue. From connecting it comes to "
        "service, goes back to waiting when nobody answers, or is abandoned. Service ends in done.",
        parts,
    )


def order() -> str:
    """What happens first at one instant: the ranks of `sim.engine.rules.Rank`, top to bottom."""
    told = _told(rules.Rank)
    parts, y = [_text(4, 24, "first", "soft")], 36
    for rank in rules.Rank:
        event, _, number = told[rank.name].partition(" Number: ")
        lines = wrap(event, 44)
        below = [f"of several, by {number.rstrip('.').split(';')[0]} number"]
        if rank is rules.Rank.LEAVE:
            reasons = ", ".join(each.name.lower() for each in rules.Deadline)
            below += wrap(f"of one call, in the order {reasons}", 46)
        height = 23 + 19 * len(lines) + 18 * len(below)
        parts.append(f'<rect class="box" x="36" y="{y}" width="416" height="{height}" rx="6"/>')
        parts.append(_text(54, y + height / 2 + 5, str(int(rank)), "name", "middle"))
        parts += [_text(74, y + 25 + 19 * at, line) for at, line in enumerate(lines)]
        soft = y + 25 + 19 * len(lines)
        parts += [_text(74, soft + 18 * at, line, "soft") for at, line in enumerate(below)]
        y += height + 8
    parts.append(_way(f"M16 36 V{y - 18}", 16, y - 10, "down"))
    parts.append(_text(4, y + 10, "last", "soft"))
    words = " ".join(f"{int(each)}: {told[each.name]}" for each in rules.Rank)
    return _svg(456, y + 20, "The order of events at one instant", words, parts)


def _told(kind: type) -> dict[str, str]:
    """The sentence under each member of an enumeration, which is nowhere but in the source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for member, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(member, ast.Assign) and isinstance(text, ast.Expr):
            assert isinstance(member.targets[0], ast.Name) and isinstance(text.value, ast.Constant)
            found[member.targets[0].id] = str(text.value.value)
    return found


def _box(x: int, y: int, state: Outcome, kind: str = "box") -> str:
    return (
        f'<rect class="{kind}" x="{x - 54}" y="{y - 22}" width="108" height="44" rx="6"/>'
        + _text(x, y + 5, state.name.lower(), "name", "middle")
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text{name} x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(words)}</text>'


def _way(path: str, x: float, y: float, to: str) -> str:
    """A line, and its tip at (x, y)."""
    tip = {"right": "-8 -5 v10", "left": "8 -5 v10", "down": "-5 -8 h10", "up": "-5 8 h10"}[to]
    return f'<path class="way" d="{path}"/><path class="tip" d="M{x:g} {y:g} l{tip} z"/>'


def _svg(width: float, height: float, title: str, words: str, parts: list[str]) -> str:
    """A drawing that says in `title` and `desc` what it shows."""
    name = title.lower().replace("'", "").replace(" ", "-")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" '
            f'aria-labelledby="{name}-title {name}-words" viewBox="0 0 {width:g} {height:g}" '
            f'width="{width:g}" height="{height:g}">',
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-words">{escape(words)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    main()
