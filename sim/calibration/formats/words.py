"""Words for how a call ended, and durations as tables write them."""

from __future__ import annotations

import math
import re
import unicodedata

from sim.calibration.history import Outcome
from sim.scenario.units import MAX_DURATION_S, parse_duration

_WORDS = {
    Outcome.ANSWERED: (
        "answered answer accepted agent served serviced service handled connected connect complete"
        " completed completeagent completecaller completedbyagent completedbycaller done success"
        " successful bridged talk yes true y 1 ok"
        " angenommen beantwortet bearbeitet verbunden erfolgreich erledigt ja wahr"
        " atendida atendido contestada contestado respondida respondido si sim"
        " repondu traite decroche abouti oui vrai risposta risposto gestita evasa"
    ),
    Outcome.ABANDONED: (
        "abandoned abandon abandonment aban hang hangup hungup callerhungup callerhangup lost"
        " missed noanswer notanswered unanswered disconnected cancel canceled cancelled breakout"
        " no false n 0 aufgelegt abgebrochen verloren verpasst unbeantwortet nichtangenommen"
        " nichtbeantwortet nein falsch abandonada abandonado perdida perdido nocontestada"
        " noatendida naoatendida abandonne perdu nonrepondu raccroche non abbandonata abbandonato"
        " persa nonrisposta"
    ),
    Outcome.TIMEOUT: (
        "timeout timedout exitwithtimeout exitedwithtimeout queuetimeout maxwait maxwaittime"
        " waittimeout zeituberschreitung zeitueberschreitung tiempoagotado tempoesgotado scadenza"
    ),
    Outcome.LEFT: (
        "left exit exited exitwithkey exitempty exitwithemptyqueue leaveempty overflow overflowed"
        " callback voicemail moved forwarded diverted redirected noagents"
        " ubergelaufen uebergelaufen uberlauf ueberlauf weitergeleitet ruckruf rueckruf"
        " desviada desbordada transferida buzon devie debordement messagerie deviata"
    ),
    Outcome.BLOCKED: (
        "blocked rejected refused busy full queuefull closed joinempty besetzt abgewiesen"
        " abgelehnt blockiert geschlossen rechazada ocupado bloqueada refuse occupe bloque"
        " rifiutata occupato recusada"
    ),
    Outcome.OPEN: (
        "open waiting queued inqueue connecting ringing inprogress offen wartend wartet enespera"
        " enattente inattesa"
    ),
}
_OUTCOMES = {word: outcome for outcome, words in _WORDS.items() for word in words.split()}
_CAUSES = {
    Outcome.TIMEOUT: Outcome.TIMEOUT,
    Outcome.LEFT: Outcome.LEFT,
    Outcome.BLOCKED: Outcome.BLOCKED,
}
_DIGITS = "0123456789"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?|\.[0-9]+")
_CLOCK = re.compile(
    r"(?:([0-9]{1,4}) days?,? )?(?:([0-9]{1,5}):)?([0-9]{1,5}):([0-9]{2}(?:[.,][0-9]{1,12})?)"
)
NOT_A_DURATION = "no duration: a number of seconds, `MM:SS` or `H:MM:SS`, at least 0"


def outcome_of(word: str) -> Outcome | None:
    """The outcome that a word, in any of several languages, tells; None for an unknown word."""
    parted = unicodedata.normalize("NFKD", word.casefold())
    return _OUTCOMES.get("".join(ch for ch in parted if ch.isalnum()))


def by_cause(outcome: Outcome, cause: str) -> Outcome:
    """An abandonment looked at more closely: its cause may tell that a timeout ended it."""
    if outcome != Outcome.ABANDONED:
        return outcome
    if cause == "flow":  # our own word: the platform ended the call's flow
        return Outcome.LEFT
    told = outcome_of(cause)
    return outcome if told is None else _CAUSES.get(told, outcome)


def duration(text: str, unit_s: float = 1.0) -> float:
    """Seconds of a number of `unit_s`, of `MM:SS` or `H:MM:SS`, or of a duration with a unit.

    NaN of an empty text. Raises ValueError for anything else, a negative number among them.
    """
    if not text:
        return math.nan
    if text[0] in _DIGITS and text[-1] in _DIGITS and text.isascii() and "_" not in text:
        try:
            return checked(float(text) * unit_s)
        except ValueError:
            pass
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    if _NUMBER.fullmatch(plain):
        return checked(float(plain) * unit_s)
    clock = _CLOCK.fullmatch(text)
    if clock is not None:
        days, hours, minutes = (int(part or 0) for part in clock.groups()[:3])
        seconds = float(clock[4].replace(",", "."))
        if seconds >= 60 or (clock[2] is not None and minutes > 59):
            raise ValueError(NOT_A_DURATION)
        return checked(days * 86_400.0 + hours * 3_600.0 + minutes * 60.0 + seconds)
    if text.lower() in ("nan", "null", "none", "na", "n/a", "-", "–"):
        return math.nan
    try:
        return parse_duration(text.replace(" ", ""))
    except ValueError:
        raise ValueError(NOT_A_DURATION) from None


def checked(seconds: float) -> float:
    """The seconds, if they are a duration or NaN."""
    if seconds < 0 or seconds > MAX_DURATION_S:
        raise ValueError("negative, or longer than 1000 years")
    return seconds
