"""The page of the scenarios that come with the program: what each shows, and the file."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]

INTRODUCTION = """\
# Scenarios to run and to change

The files of `scenarios/`. Each begins with a comment that says what it shows and what changes it;
`callsim run scenarios/NAME.yaml` runs one.
"""


def page() -> str:
    """The Markdown of the page: a section for each file."""
    parts = [INTRODUCTION]
    for path in sorted((ROOT / "scenarios").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        parts.append(f"\n## `{path.name}`\n")
        parts.append(f"```yaml\n{text.strip()}\n```\n")
    return "\n".join(parts)
