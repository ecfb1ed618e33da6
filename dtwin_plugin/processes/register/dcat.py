"""The register as DCAT-AP-NL 3.0: what it says of a model is a dataset, and the model on a server a service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Callable

from dtwin_plugin.catalogue import dcat
from dtwin_plugin.catalogue.dcat import Publisher
from dtwin_plugin.catalogue.rdf import Node, Property, Text, node
from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import metadata

from .record import ModelRecord

STANDARD = "http://www.opengis.net/doc/IS/ogcapi-processes-1/1.0"
_THEME_OF_GROUP = {"Water": "ENVI", "Noise": "ENVI", "Subsurface": "ENVI", "Sunlight": "REGI", "Traffic": "TRAN"}
_OTHER_THEME = "REGI"
_LICENCES = {"CC0-1.0": "CC0", "CC-BY-4.0": "CC BY"}
_SPDX = "https://spdx.org/licenses/"


def describe(
    records: Sequence[ModelRecord],
    publisher: Publisher,
    dutch: Callable[[str], str],
    server: str = "",
    modified: date | None = None,
) -> Node:
    """Return the register as a dcat:Catalog.

    Parameters
    ----------
    dutch : callable
        Gives the Dutch of a text of a description.
    server : str
        Address of the landing page of an OGC API that has the models as processes; "" = no services are described.

    Raises
    ------
    InputError
        If there is no model, or the address of the server is none.
    """
    if not records:
        raise InputError("There is no model to write.", hint="Choose a model, or all of them.")
    if server and not server.startswith(("http://", "https://")):
        raise InputError("{address} is no web address.", hint="Begin with https://.", address=server)
    names = (Text(f"Rekenmodellen van {publisher.name}", "nl"), Text(f"Calculation models of {publisher.name}", "en"))
    parts: list[Property] = [
        *(("dct:title", name) for name in names),
        *(("dct:description", name) for name in names),
        *dcat.of_catalogue(publisher, modified),
        *(("dcat:dataset", _dataset(record, publisher, dutch)) for record in records),
    ]
    if server:
        parts += [("dcat:service", _service(record, publisher, dutch, server.rstrip("/"))) for record in records]
    return Node("dcat:Catalog", publisher.address("models"), tuple(parts))


def _dataset(record: ModelRecord, publisher: Publisher, dutch: Callable[[str], str]) -> Node:
    uri = publisher.address(f"model/{record.model.id}")
    page = Node(
        "dcat:Distribution",
        publisher.address(f"model/{record.model.id}/distribution"),
        (
            ("dct:title", Text(dutch(record.model.title), "nl")),
            ("dcat:accessURL", node("rdfs:Resource", metadata()["repository"])),
            ("dct:license", node("dct:LicenseDocument", licence_uri(record.licence))),
        ),
    )
    parts: list[Property] = [
        *_common(record, publisher, dutch, uri),
        ("dcat:version", Text(record.model.version)),
        ("dcat:distribution", page),
    ]
    return Node("dcat:Dataset", uri, tuple(parts))


def _service(record: ModelRecord, publisher: Publisher, dutch: Callable[[str], str], server: str) -> Node:
    uri = publisher.address(f"process/{record.model.id}")
    address = f"{server}/processes/{record.model.id}"
    parts: list[Property] = [
        *_common(record, publisher, dutch, uri),
        ("dct:license", node("dct:LicenseDocument", licence_uri(record.licence))),
        ("dcat:endpointURL", node("rdfs:Resource", address)),
        ("dcat:endpointDescription", node("rdfs:Resource", f"{address}?f=json")),
        ("dct:conformsTo", node("dct:Standard", STANDARD)),
    ]
    return Node("dcat:DataService", uri, tuple(parts))


def _common(record: ModelRecord, publisher: Publisher, dutch: Callable[[str], str], uri: str) -> Iterator[Property]:
    model = record.model
    yield "dct:title", Text(dutch(model.title), "nl")
    yield "dct:title", Text(model.title, "en")
    yield "dct:description", Text(" ".join(filter(None, (dutch(model.summary), dutch(model.validity)))), "nl")
    yield "dct:description", Text(" ".join(filter(None, (model.summary, model.validity))), "en")
    yield "dct:identifier", Text(uri)
    yield "dct:publisher", dcat.agent(publisher.name)
    yield "dct:creator", dcat.agent(record.owner)
    yield "dcat:contactPoint", dcat.contact(publisher)
    yield "dct:accessRights", dcat.access_rights("open")
    yield "dcat:theme", dcat.theme(_THEME_OF_GROUP.get(model.group, _OTHER_THEME))
    yield "dcat:keyword", Text(dutch(model.group), "nl")
    yield "dcat:keyword", Text(model.group, "en")
    yield "dct:language", dcat.language()


def licence_uri(spdx: str) -> str:
    """Return the address of a licence: as the profile lists it, or that of SPDX.

    >>> licence_uri("GPL-2.0-or-later")
    'https://spdx.org/licenses/GPL-2.0-or-later'
    """
    return dcat.licence_uri(_LICENCES[spdx]) if spdx in _LICENCES else _SPDX + spdx
