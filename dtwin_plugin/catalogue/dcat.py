"""The catalogue as DCAT-AP-NL 3.0: one description, which `rdf.py` writes as JSON-LD and as RDF/XML.

Mandatory and conditional properties after the profile of 12 December 2024 and its SHACL shapes (Geonovum).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file

from .entry import Entry
from .rdf import Node, Property, Text, node
from .searching import theme_of

UNKNOWN_LICENCE = "licentieonbekend"


@dataclass(frozen=True)
class Publisher:
    """Who publishes the catalogue, and where questions go.

    Attributes
    ----------
    name, email : str
    homepage : str
        Of the organisation; the addresses of the catalogue's parts begin with it.
    """

    name: str
    email: str = ""
    homepage: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("The name of the organisation is missing.", hint="A catalogue needs who publishes it.")
        if self.email and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", self.email):
            raise InputError("{email} is no e-mail address.", hint="Write name@organisation.nl.", email=self.email)
        if self.homepage and not re.fullmatch(r"https?://[^\s<>\"]+", self.homepage):
            raise InputError("{address} is no web address.", hint="Begin with https://.", address=self.homepage)

    def address(self, part: str) -> str:
        """Return the address of a part of the catalogue."""
        return f"{self.homepage.rstrip('/')}/id/{part}" if self.homepage else f"urn:dtwin:{part.replace('/', ':')}"


def describe(entries: Iterable[Entry], publisher: Publisher, modified: date | None = None) -> Node:
    """Return sources as a dcat:Catalog with its datasets, distributions and services.

    Raises
    ------
    InputError
        If there is nothing to describe: a catalogue without a dataset is none.
    """
    listed = sorted(entries, key=lambda entry: entry.id)
    if not listed:
        raise InputError("There is no source to write.", hint="Add one, or choose all sources.")
    parts: list[Property] = [
        ("dct:title", Text(f"Gegevensbronnen van {publisher.name}", "nl")),
        ("dct:title", Text(f"Data sources of {publisher.name}", "en")),
        ("dct:description", Text(f"De gegevensbronnen die {publisher.name} gebruikt in de digitale tweeling.", "nl")),
        ("dct:description", Text(f"The data sources that {publisher.name} uses in the digital twin.", "en")),
        *of_catalogue(publisher, modified),
        ("dct:spatial", node("dct:Location", _table()["country"])),
    ]
    parts += [("dcat:dataset", _dataset(entry, publisher)) for entry in listed]
    parts += [("dcat:service", _service(entry, publisher)) for entry in listed if _is_service(entry)]
    return Node("dcat:Catalog", publisher.address("catalogue"), tuple(parts))


def of_catalogue(publisher: Publisher, modified: date | None) -> Iterator[Property]:
    """Yield what every catalogue of an organisation has, whatever is in it."""
    yield "dct:publisher", agent(publisher.name)
    yield "dct:creator", agent(publisher.name)
    yield "dcat:contactPoint", contact(publisher)
    yield "dct:language", language()
    if modified is not None:
        yield "dct:modified", Text(modified.isoformat(), datatype="xsd:date")
    if publisher.homepage:
        yield "foaf:homepage", node("foaf:Document", publisher.homepage)


def licence_uri(licence: str) -> str:
    """Return the address of a licence as the profile lists them; one that is not confirmed is unknown.

    >>> licence_uri("CC BY 4.0"), licence_uri("CC BY 4.0 (unconfirmed)").endswith(UNKNOWN_LICENCE)
    ('http://creativecommons.org/licenses/by/4.0/deed.nl', True)
    """
    return _first(_table()["licences"], licence) or ""


def _dataset(entry: Entry, publisher: Publisher) -> Node:
    uri = publisher.address(f"dataset/{entry.id}")
    parts: list[Property] = [
        *_common(entry, publisher, uri),
        ("dct:creator", agent(entry.owner)),
        ("dct:language", language()),
        ("dct:spatial", node("dct:Location", _table()["country"])),
        *(("dct:conformsTo", node("dct:Standard", crs)) for crs in crs_uris(entry.crs or "")),
    ]
    frequency = _first(_table()["frequencies"], entry.updated or "")
    if frequency:
        parts.append(("dct:accrualPeriodicity", node("dct:Frequency", frequency)))
    if entry.more.get("version"):
        parts.append(("dcat:version", Text(str(entry.more["version"]))))
    if entry.url:
        parts.append(("dcat:distribution", _distribution(entry, publisher)))
    return Node("dcat:Dataset", uri, tuple(parts))


def _distribution(entry: Entry, publisher: Publisher) -> Node:
    address = str(entry.url).partition("{")[0]  # of tiles: the folder that they are in
    parts: list[Property] = [
        ("dct:title", Text(entry.title_in("nl"), "nl")),
        ("dct:language", language()),
        ("dcat:accessURL", node("rdfs:Resource", _iri(address))),
        ("dct:license", node("dct:LicenseDocument", licence_uri(entry.licence))),
        (
            "dct:rights",
            Node("dct:RightsStatement", "", (("rdfs:label", Text(f"{entry.licence}; {entry.attribution}")),)),
        ),
    ]
    if _is_service(entry):
        parts.append(("dcat:accessService", Node("dcat:DataService", publisher.address(f"service/{entry.id}"))))
    return Node("dcat:Distribution", publisher.address(f"distribution/{entry.id}"), tuple(parts))


def _service(entry: Entry, publisher: Publisher) -> Node:
    uri = publisher.address(f"service/{entry.id}")
    standard, question = _table()["services"][entry.kind]
    url = _iri(str(entry.url))
    described = url + (question.replace("?", "&", 1) if "?" in url else question)
    parts: list[Property] = [
        *_common(entry, publisher, uri),
        ("dct:creator", agent(entry.owner)),
        ("dct:license", node("dct:LicenseDocument", licence_uri(entry.licence))),
        ("dcat:endpointURL", node("rdfs:Resource", url)),
        ("dcat:endpointDescription", node("rdfs:Resource", described)),
        ("dcat:servesDataset", Node("dcat:Dataset", publisher.address(f"dataset/{entry.id}"))),
    ]
    if standard:
        parts.append(("dct:conformsTo", node("dct:Standard", standard)))
    return Node("dcat:DataService", uri, tuple(parts))


def _common(entry: Entry, publisher: Publisher, uri: str) -> Iterator[Property]:
    """Yield what datasets and services have alike."""
    found = theme_of(entry.theme)
    notes = str(entry.more.get("notes") or "")
    yield "dct:title", Text(entry.title_in("nl"), "nl")
    yield "dct:title", Text(entry.title, "en")
    yield (
        "dct:description",
        Text(f"{entry.title_in('nl')}, van {entry.owner}. Bronvermelding: {entry.attribution}.", "nl"),
    )
    yield "dct:description", Text(f"{entry.title}, of {entry.owner}. {notes}".strip(), "en")
    yield "dct:identifier", Text(uri)
    yield "dct:publisher", agent(entry.owner)
    yield "dcat:contactPoint", contact(publisher)
    yield "dct:accessRights", access_rights(entry.access_level)
    yield "dcat:theme", theme(found.eu)
    yield "dcat:keyword", Text(found.nl, "nl")
    yield "dcat:keyword", Text(found.en, "en")


def crs_uris(text: str) -> list[str]:
    """Return the addresses of the coordinate reference systems that a text names.

    >>> crs_uris("CRS84 (default); EPSG:28992, 3857 via crs=")
    ['http://www.opengis.net/def/crs/OGC/1.3/CRS84', 'http://www.opengis.net/def/crs/EPSG/0/28992', \
'http://www.opengis.net/def/crs/EPSG/0/3857']
    """
    found = ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"] if "CRS84" in text else []
    codes = re.findall(r"\b\d{4,5}\b", text) if "EPSG" in text else []
    return found + [f"http://www.opengis.net/def/crs/EPSG/0/{code}" for code in dict.fromkeys(codes)]


def agent(name: str) -> Node:
    """Return who made or publishes something."""
    return Node("foaf:Agent", "", (("foaf:name", Text(name, "nl")),))


def contact(publisher: Publisher) -> Node:
    """Return where questions go."""
    parts: list[Property] = [
        ("vcard:fn", Text(publisher.name, "nl")),
        ("vcard:organization-name", Text(publisher.name)),
    ]
    if publisher.email:
        parts.append(("vcard:hasEmail", node("", f"mailto:{publisher.email}")))
    if publisher.homepage:
        parts.append(("vcard:hasURL", node("", publisher.homepage)))
    return Node("vcard:Kind", "", tuple(parts))


def theme(code: str) -> Node:
    """Return a theme of data.europa.eu by its code."""
    names = _table()["themes"].get(code, [code, code])
    labels = tuple(("skos:prefLabel", Text(name, lang)) for name, lang in zip(names, ("en", "nl")))
    return Node("skos:Concept", _table()["theme_uri"] + code, labels)


def access_rights(level: str) -> Node:
    """Return who may have something, from a level of access."""
    return node("dct:RightsStatement", _table()["access"][level])


def language() -> Node:
    """Return Dutch, in which all is described."""
    return node("dct:LinguisticSystem", _table()["language"])


def _is_service(entry: Entry) -> bool:
    return bool(entry.url) and not entry.is_template and entry.kind in _table()["services"]


def _iri(url: str) -> str:
    """Return an address with only what an IRI may hold."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~")


def _first(table: Sequence[Sequence[str]], text: str) -> str | None:
    return next((value for pattern, value in table if re.search(pattern, text)), None)


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return dict(json.loads(plugin_file("resources", "catalogue", "dcat.json").read_text(encoding="utf-8")))
