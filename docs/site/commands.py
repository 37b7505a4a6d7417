"""The page of all commands, made of what their `--help` is made of."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import click

from sim.cli.app import callsim

INTRODUCTION = """\
# Commands

The result goes to standard output, all else to standard error. `SCENARIO` is a YAML file, or `-`
for standard input. Exit codes: 0 done, 1 as the command says, 2 bad usage or a bad input file, 3
the run failed, 130 interrupted.

All commands take these options:
"""


def page() -> str:
    """The Markdown of the page: a section for each command."""
    general = [each for each in callsim.params if each.name != "version"]
    known = {each.name for each in general}
    parts = [INTRODUCTION, _table(callsim, general)]
    for name, command in sorted(callsim.commands.items()):
        own = [each for each in command.params if each.name not in known]
        parts.append(_section(name, command, own))
    return "\n".join(parts)


def examples(command: click.Command) -> list[str]:
    """The command lines that a command's help shows."""
    _, blocks = _told(command)
    return [line for block in blocks for line in block]


def _section(name: str, command: click.Command, own: list[click.Parameter]) -> str:
    context = click.Context(command, info_name=f"callsim {name}")
    usage = " ".join([f"callsim {name}", *command.collect_usage_pieces(context)])
    paragraphs, blocks = _told(command)
    parts = [f"\n## `{name}`\n", f"```text\n{usage}\n```\n"]
    parts += [f"{_escaped(each)}\n" for each in paragraphs]
    parts += ["```sh\n" + "\n".join(each) + "\n```\n" for each in blocks]
    if options := [each for each in own if isinstance(each, click.Option)]:
        parts.append(_table(command, options))
    return "\n".join(parts)


def _told(command: click.Command) -> tuple[list[str], list[list[str]]]:
    """A help text's paragraphs, and its examples."""
    paragraphs, blocks = [], []
    for part in inspect.cleandoc(command.help or "").split("\n\n"):
        if part.startswith("\b\nExample"):
            blocks.append([line.strip() for line in part.splitlines()[2:]])
        else:
            paragraphs.append(" ".join(part.replace("\b\n", "").split()))
    return paragraphs, blocks


def _table(command: click.Command, options: Sequence[click.Parameter]) -> str:
    context = click.Context(command)
    rows = ["| option | does |", "| --- | --- |"]
    for each in options:
        record = each.get_help_record(context)
        if record is not None:
            written, meaning = record
            rows.append(f"| `{written}` | {_escaped(meaning)} |")
    return "\n".join(rows) + "\n"


def _escaped(text: str) -> str:
    """A help text in Markdown: backquotes stay, what Markdown would read as a sign does not."""
    pieces = text.split("`")
    for at in range(0, len(pieces), 2):
        for sign in "\\*_<[|":
            pieces[at] = pieces[at].replace(sign, f"\\{sign}")
    return "`".join(pieces)
