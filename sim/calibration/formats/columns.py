"""Which column of a table holds what: by the usual headers of several languages and systems, or as
the user names them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.scenario.errors import did_you_mean, list_names

FIELDS = {
    "joined": (
        "time arrival arrived arrivaltime arrivedat timestamp datetime dateandtime joined joinedat"
        " jointime start starttime startedat startdatetime begin begintime enqueued enqueuedat"
        " enqueuetime enterqueue entered enteredat entertime queuestart callstart callstarttime"
        " calltime calldate calldatetime created createdat tmcreate initiationtimestamp"
        " beginn anrufbeginn startzeit startzeitpunkt eingang eingangszeit ankunft ankunftszeit"
        " anrufzeit anrufzeitpunkt zeitpunkt zeitstempel zeit uhrzeit datumzeit datumuhrzeit"
        " hora fechahora fechayhora inicio horainicio horadeinicio horaentrada llegada"
        " marcatemporal"
        " heure dateheure dateetheure debut heuredebut arrivee horodatage"
        " ora dataora dataeora inizio orainizio arrivo datahora dataehora chegada horariodeinicio"
    ),
    "date": "date day datum tag fecha data dia jour giorno",
    "queue": (
        "queue queuename queueid skill skillname skillgroup huntgroup callqueue split vdn"
        " warteschlange warteschlangenname gruppe anrufgruppe cola nombrecola coladeespera grupo"
        " filedattente fileattente groupe coda nomecoda gruppo fila nomedafila"
    ),
    "wait": (
        "wait waits waited waittime waiting waitingtime waitduration queuetime queuewait"
        " timeinqueue holdtime timetoanswer speedofanswer durationwaiting qtime asa"
        " wartezeit wartedauer gewartet warten zeitinwarteschlange"
        " espera tiempoespera tiempodeespera tiempoencola attente tempsattente tempsdattente"
        " dureeattente dureedattente attesa tempoattesa tempodiattesa durataattesa"
        " tempoespera tempodeespera tempoemfila"
    ),
    "ring": (
        "ring rings ringtime ringing ringduration ringingtime alerttime klingelzeit klingeldauer"
        " rufdauer timbrado tiempotimbrado sonnerie dureesonnerie squillo tempochamada"
    ),
    "service": (
        "service servicetime serviceduration sertime talk talktime talking talkduration"
        " talkingtime conversation conversationtime conversationduration durationservice"
        " gesprach gesprachszeit gesprachsdauer gespraech gespraechszeit gespraechsdauer sprechzeit"
        " conversacion tiempoconversacion tiempodeconversacion duracionconversacion tiempohablado"
        " tempsconversation tempsdeconversation dureeconversation conversazione"
        " tempoconversazione durataconversazione conversa tempoconversa tempodeconversa"
    ),
    "wrap_up": (
        "wrapup wrapuptime wrap wraptime acw acwtime aftercallwork aftercallworktime aftercall"
        " nachbearbeitung nachbearbeitungszeit nacharbeit nacharbeitszeit nachbereitung"
        " nachbereitungszeit posttratamiento trabajoposterior postappel traitementpostappel"
        " postchiamata posatendimento"
    ),
    "answered_at": (
        "answer answeredat answertime answeredtime answerdatetime tmservice connectedat connecttime"
        " annahme annahmezeit angenommenum beantwortetum respondidaa horarespuesta"
        " heuredereponse orarisposta"
    ),
    "ended_at": (
        "leave leftat end ended endedat endtime enddatetime finishedat completedat hanguptime"
        " disconnectedat disconnecttime ende endzeit anrufende fin horafin heurefin fine orafine"
        " fim"
    ),
    "outcome": (
        "outcome calloutcome result callresult status callstatus state disposition answered"
        " isanswered ergebnis anrufergebnis anrufstatus angenommen beantwortet resultado estado"
        " contestada atendida resultat statut repondu esito stato"
    ),
    "cause": "cause reason abandoncause endreason grund ursache causa motivo raison motivation",
    "agent": (
        "agent agentname agentid answeredby user username operator server extension"
        " mitarbeiter bearbeiter agente nombreagente operador operateur operatore atendente"
    ),
    "priority": "priority prio callpriority prioritat prioritaet prioridad priorite priorita"
    " prioridade",
    "call": (
        "call callid id uniqueid linkedid uuid calluuid conversationid interactionid contactid"
        " ticket anruf anrufid anrufnr llamada idllamada appel idappel chiamata idchiamata chamada"
    ),
}  # fmt: skip
"""What a row may tell, and the headers looked for: without case, accents, spaces and signs."""

DURATIONS = ("wait", "ring", "service", "wrap_up")
TALK = DURATIONS.index("service")
INSTANTS = ("answered_at", "ended_at")
LABELS = ("queue", "outcome", "cause", "agent", "priority")

_KNOWN = {name: field for field, names in FIELDS.items() for name in names.split()}
_UNIT = re.compile(
    r"(?:[\s_.,-]*[(\[]\s*(?:in\s+)?([a-z]+)\.?\s*[)\]]|[\s_.,-]+(?:in[\s_]+)?([a-z]+)\.?)$"
)
_UNITS = {
    **dict.fromkeys(("ms", "msec", "millis", "milliseconds", "millisekunden"), 0.001),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "sek", "sekunden"), 1.0),
    **dict.fromkeys(("segundos", "seg", "secondes", "secondi", "hhmmss", "mmss"), 1.0),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten", "minutos", "minuti"), 60.0),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A column, from 0, and the seconds that a bare number in it means."""

    column: int
    header: str
    unit_s: float = 1.0


def places(header: Sequence[str], named: Mapping[str, str | int]) -> dict[str, Place]:
    """The columns of the fields that a header has; those that are named, by header or number from
    1, go before those that are looked for. Of several fitting columns the first is taken.

    Raises ValueError for a field or a column that there is not.
    """
    found: dict[str, Place] = {}
    for field, wanted in named.items():
        if field not in FIELDS:
            raise ValueError(
                f"no such field `{field}`: the fields are {list_names(FIELDS)}"
                f"{did_you_mean(field, FIELDS)}"
            )
        found[field] = _place(_named(header, wanted), header)
    taken = {place.column for place in found.values()}
    for column, name in enumerate(header):
        told = field_of(name)
        if told is not None and told not in found and column not in taken:
            found[told] = _place(column, header)
    return found


def field_of(header: str) -> str | None:
    """The field that a header tells by itself."""
    bare, _ = _without_unit(header)
    return _KNOWN.get(_plain(header)) or _KNOWN.get(_plain(bare))


def _named(header: Sequence[str], wanted: str | int) -> int:
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(header):
            raise ValueError(f"there is no column {wanted}: the table has {len(header)}")
        return wanted - 1
    lowered = [name.strip().lower() for name in header]
    if wanted.strip().lower() not in lowered:
        raise ValueError(
            f"no column `{wanted}`: the columns are {list_names(header)}"
            f"{did_you_mean(wanted, header)}"
        )
    return lowered.index(wanted.strip().lower())


def _place(column: int, header: Sequence[str]) -> Place:
    return Place(column, header[column], _without_unit(header[column])[1])


def _without_unit(header: str) -> tuple[str, float]:
    """`Wait (min)` is `Wait` and 60; without a unit the number counts seconds."""
    found = _UNIT.search(header.strip().lower())
    unit = None if found is None else _UNITS.get(found[1] or found[2])
    if found is None or unit is None:
        return header, 1.0
    return header.strip()[: found.start()], unit


def _plain(header: str) -> str:
    parted = unicodedata.normalize("NFKD", header.casefold())
    return "".join(ch for ch in parted if ch.isalnum())
