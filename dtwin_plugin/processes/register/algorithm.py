"""A record as an entry of the Dutch algorithm register: publication standard 1.0, in Dutch, as the register takes it.

References
----------
Algoritmeregister Publicatiestandaard 1.0.10 (2025), chapter 2, for the fields and their limits; the names of the fields
are those of the register's own interface, version 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import metadata
from dtwin_plugin.translate import mark

from .record import ModelRecord

STATUS = ("In ontwikkeling", "In gebruik", "Buiten gebruik")
CATEGORIES = ("Hoog-risico AI-systeem", "Impactvolle algoritmes", "Overige algoritmes")
# A text must be shorter than this [characters].
LIMITS = {
    "name": 100,
    "description_short": 350,
    "organization": 100,
    **dict.fromkeys(("goal", "proportionality", "human_intervention", "risks"), 2500),
    "methods_and_models": 5000,
}
REQUIRED = ("name", "description_short", "organization", "status", "contact_email", "publication_category", "lang")
# What only the organisation that uses a model can say, with the title of the field in the register.
OF_THE_ORGANISATION = {
    "begin_date": "Begindatum",
    "proportionality": "Afwegingen",
    "lawful_basis": "Wettelijke basis",
    "impacttoetsen": "Impacttoetsen",
}
_THEMES = {
    "Water": "Natuur en milieu",
    "Noise": "Natuur en milieu",
    "Sunlight": "Ruimte en infrastructuur",
    "Traffic": "Verkeer",
}
_OTHER_THEME = "Ruimte en infrastructuur"

HUMAN = mark(
    "A person chooses the input and the settings, judges the result, and decides. The model decides nothing by itself."
)


@dataclass(frozen=True)
class Use:
    """How an organisation uses its models.

    Attributes
    ----------
    organisation, email : str
        Full name, and where questions go.
    status : str
        One of `STATUS`.
    category : str
        One of `CATEGORIES`: what kind of algorithm it is in the eyes of the register.
    """

    organisation: str
    email: str
    status: str = STATUS[1]
    category: str = CATEGORIES[2]


def entry(record: ModelRecord, use: Use, dutch: Callable[[str], str]) -> dict[str, Any]:
    """Return the entry of a model.

    Parameters
    ----------
    dutch : callable
        Gives the Dutch of a text of the description.

    Raises
    ------
    InputError
        If a field that must be there is empty, or a text is too long for the register.
    """
    model, plugin = record.model, metadata()
    used = [dutch(item.title) for item in model.inputs if not item.optional and item.default is None]
    summary = dutch(model.summary)
    method = [summary, *(dutch(text) for text in (model.validity, model.uncertainty) if text)]
    found = {
        "name": dutch(model.title),
        "description_short": shortened(summary, LIMITS["description_short"]),
        "organization": use.organisation,
        "category": [_THEMES.get(model.group, _OTHER_THEME)],
        "status": use.status,
        "contact_email": use.email,
        "publication_category": use.category,
        "goal": summary,
        "human_intervention": dutch(HUMAN),
        "risks": dutch(model.validity),
        "source_data": ", ".join(used),
        "methods_and_models": shortened("\n".join([*method, *model.references]), LIMITS["methods_and_models"]),
        "provider": record.owner,
        "publiccode": plugin["repository"],
        "lang": "nld",
        "standard_version": "1.0.0",
        "source_id": f"dtwin:{model.id}:{model.version}",
        "tags": ", ".join([dutch(model.group), "digital twin"]),
    }
    _check(found)
    return {name: value for name, value in found.items() if value}


def shortened(text: str, limit: int) -> str:
    """Return a text of fewer than `limit` characters, cut at the end of a sentence where there is one.

    >>> shortened("One. Two is longer.", 12), shortened("Nothing to cut", 20), shortened("abcdefghij", 6)
    ('One.', 'Nothing to cut', 'abcd…')
    """
    if len(text) < limit:
        return text
    head = text[: limit - 2]
    end = max(head.rfind(". "), head.rfind("? "), head.rfind(".\n"))
    return head[: end + 1] if end > 0 else head + "…"


def _check(found: dict[str, Any]) -> None:
    missing = [name for name in REQUIRED if not found[name]]
    if missing:
        raise InputError(
            "The algorithm register needs {names}.",
            hint="Give the organisation and its e-mail address.",
            names=", ".join(missing),
        )
    for name, known in (("status", STATUS), ("publication_category", CATEGORIES)):
        if found[name] not in known:
            raise InputError(
                "{field} is {found}; the algorithm register knows {choices}.",
                hint="Choose one of them.",
                field=name,
                found=found[name],
                choices=", ".join(known),
            )
    for name, limit in LIMITS.items():
        if len(found.get(name, "")) >= limit:
            raise InputError(
                "{field} has {count} characters; the algorithm register takes fewer than {limit}.",
                hint="Give a shorter text.",
                field=name,
                count=len(found[name]),
                limit=limit,
            )
