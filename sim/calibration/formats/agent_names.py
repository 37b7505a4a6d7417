"""One readable name for an agent whom a log calls differently from event to event."""

from __future__ import annotations

import re

_TECHNOLOGY = re.compile(
    r"(?:Agent|Local|SIP|PJSIP|IAX2?|DAHDI|Zap|SCCP|Skinny|MGCP|H323|OOH323|USTM|Unistim|Sofia"
    r"|Motif|Console|Khomp|Custom|Virtual)/(?=.)",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"-[0-9a-fA-F]{8}(?:;[12])?$")
NOBODY = ("", "NONE")


def agent_name(written: str) -> str | None:
    """The agent's name without the channel's technology, context and number; None for nobody.

    `Agent/1`, `Local/1@agents/n`, `SIP/1-0000002a` and `PJSIP/1/sip:1@192.0.2.7` are all `1`; a
    name that does not begin with a technology stays as it is, `Ann Smith` and `ann@example.org`.
    """
    name = written.strip()
    if name in NOBODY:
        return None
    technology = _TECHNOLOGY.match(name)
    if technology is None:
        return name
    rest = _CHANNEL.sub("", name[technology.end() :])
    return rest.partition("@")[0].partition("/")[0].strip() or name
