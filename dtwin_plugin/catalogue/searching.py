"""Finding a source by theme and words, in Dutch and in English."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from dtwin_plugin.paths import plugin_file

from .entry import Entry
from .reading import entries

# where a word is found -> how much it says; a title says more than a note
_WEIGHTS = {"id": 8, "title": 6, "theme": 4, "layers": 3, "owner": 2, "notes": 1}


@dataclass(frozen=True)
class Theme:
    """A theme: its names, the words that people use for it, and its place among the themes of the European Union."""

    id: str
    en: str
    nl: str
    words: tuple[str, ...] = ()
    eu: str = "REGI"

    def name(self, language: str) -> str:
        """Return its name in a language, in English where it has none."""
        return self.nl if language == "nl" else self.en


@lru_cache(maxsize=1)
def themes() -> Mapping[str, Theme]:
    """Return the themes by id, in the order in which they are shown.

    >>> themes()["buildings"].name("nl")
    'Gebouwen'
    """
    rows = json.loads(plugin_file("resources", "catalogue", "themes.json").read_text(encoding="utf-8"))
    found = [Theme(row["id"], row["en"], row["nl"], tuple(row.get("words", ())), row["eu"]) for row in rows]
    return MappingProxyType({theme.id: theme for theme in found})


def theme_of(name: str) -> Theme:
    """Return a theme; one that an own list brings is called by its id."""
    return themes().get(name) or Theme(name, name.capitalize() or "Other", name.capitalize() or "Overig")


def search(text: str = "", theme: str = "", among: Iterable[Entry] | None = None) -> list[Entry]:
    """Return the sources of a theme in which every word of a text is found, the most relevant first.

    Accents and capitals make no difference, and Dutch words for a theme find its sources.

    >>> search("gebouwen 3d wfs")[0].id
    '3dbag-wfs'
    >>> [found.id for found in search("zuurstof")]
    []
    """
    words = folded(text).split()
    found = []
    for entry in entries().values() if among is None else among:
        if theme and entry.theme != theme:
            continue
        scores = [_score(word, _fields(entry)) for word in words]
        if all(scores):
            found.append((-sum(scores), folded(entry.title), entry.id, entry))
    return [entry for *_, entry in sorted(found, key=lambda item: item[:3])]


def folded(text: str) -> str:
    """Return a text as it is compared: small letters without accents, and only letters and digits.

    >>> folded("Coördinaten (Zuid-Holland)")
    'coordinaten zuid holland'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", bare))


def _score(word: str, fields: Mapping[str, str]) -> int:
    """Return how well a word is found: whole words count double; 0 where it is nowhere."""
    best = 0
    for name, text in fields.items():
        if word in text:
            best = max(best, _WEIGHTS[name] * (2 if word in text.split() else 1))
    return best


def _fields(entry: Entry) -> dict[str, str]:
    theme = theme_of(entry.theme)
    texts = {
        "id": entry.id,
        "title": f"{entry.title} {entry.title_in('nl')}",
        "theme": " ".join((entry.theme, theme.en, theme.nl, *theme.words)),
        "layers": " ".join(entry.layers),
        "owner": f"{entry.owner} {entry.kind}",
        "notes": f"{entry.more.get('notes', '')} {entry.attribution}",
    }
    return {name: folded(text) for name, text in texts.items()}
