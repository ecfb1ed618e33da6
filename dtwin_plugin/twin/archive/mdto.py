"""MDTO 1.0.1, metadata for durable accessibility: an informatieobject or a bestand as XML, in the order of its schema.

Source: Nationaal Archief, MDTO-XML1.0.1.xsd. What is obligatory is asked, what is not known is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from .formats import FileFormat
from .selection import APPRAISALS, Category

NAMESPACE = "https://www.nationaalarchief.nl/mdto"
_SCHEMA = f"{NAMESPACE} https://www.nationaalarchief.nl/mdto/MDTO-XML1.0.1.xsd"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEVELS = {
    "": "Niet beoordeeld",
    "open": "Openbaar",
    "open-linkable": "Openbaar, te herleiden tot adressen",
    "internal": "Intern",
    "personal": "Persoonsgegevens",
    "confidential": "Vertrouwelijk",
}
Node = tuple[str, Any]  # a name, and a text or the nodes in it


@dataclass(frozen=True)
class Reference:
    """A name of something, with its identification where it has one (`verwijzingGegevens`)."""

    name: str
    identifier: str = ""
    register: str = ""

    def nodes(self) -> list[Node]:
        """Return what stands in the element."""
        found: list[Node] = [("verwijzingNaam", self.name)]
        if self.identifier:
            found.append(("verwijzingIdentificatie", _identification(self.identifier, self.register)))
        return found


@dataclass(frozen=True)
class InformationObject:
    """What an `informatieobject` says.

    Attributes
    ----------
    identifier, register : str
        `identificatieKenmerk` and `identificatieBron`.
    level : str
        "Archiefstuk" for a run, "Dossier" for several.
    made, begun : str
        When (ISO 8601), of the event Creatie; day from which the term runs, "" where it has not begun.
    end : str
        Last day of the term.
    """

    identifier: str
    register: str
    name: str
    level: str
    creator: Reference
    category: Category
    made: str
    description: str = ""
    actor: str = ""
    begun: str = ""
    end: str = ""
    area: str = ""
    privacy: str = ""
    rights: str = ""
    part_of: Reference | None = None
    parts: Sequence[Reference] = ()
    files: Sequence[Reference] = ()

    def xml(self) -> bytes:
        """Return the XML."""
        event: list[Node] = [("eventType", _term("Creatie", "Begrippenlijst EventTypeLijst MDTO"))]
        event.append(("eventTijd", self.made[:19]))
        if self.actor:
            event.append(("eventVerantwoordelijkeActor", Reference(self.actor).nodes()))
        nodes: list[Node] = [
            ("identificatie", _identification(self.identifier, self.register)),
            ("naam", self.name),
            ("aggregatieniveau", _term(self.level, "Begrippenlijst Aggregatieniveaus MDTO")),
            *([("omschrijving", self.description)] if self.description else []),
            *([("dekkingInRuimte", Reference(self.area).nodes())] if self.area else []),
            ("event", event),
            ("waardering", _term(APPRAISALS[self.category.appraisal], "Begrippenlijst Waarderingen MDTO",
                                 self.category.appraisal)),
            *([("bewaartermijn", self._term_of_keeping())] if self.category.term else []),
            ("informatiecategorie", _term(self.category.title, self.category.source or "Selectielijst",
                                          self.category.code)),
            *([("isOnderdeelVan", self.part_of.nodes())] if self.part_of else []),
            *(("bevatOnderdeel", part.nodes()) for part in self.parts),
            *(("heeftRepresentatie", file.nodes()) for file in self.files),
            ("archiefvormer", self.creator.nodes()),
            ("beperkingGebruik", self._restriction()),
        ]  # fmt: skip
        return _document("informatieobject", nodes)

    def _term_of_keeping(self) -> list[Node]:
        found: list[Node] = [("termijnTriggerStartLooptijd", _term(self.category.trigger, "Selectielijst"))]
        if self.begun:
            found.append(("termijnStartdatumLooptijd", self.begun))
        found.append(("termijnLooptijd", self.category.term))
        return [*found, ("termijnEinddatum", self.end)] if self.end else found

    def _restriction(self) -> list[Node]:
        found: list[Node] = [("beperkingGebruikType", _term(_LEVELS[self.privacy], "Openheid in de digital twin"))]
        return [*found, ("beperkingGebruikNadereBeschrijving", self.rights)] if self.rights else found


def file_xml(
    name: str, identifier: str, register: str, size: int, kind: FileFormat, sha256: str, moment: str, of: Reference
) -> bytes:
    """Return the XML of a `bestand`; `moment` is when the checksum was made (ISO 8601)."""
    checksum: list[Node] = [
        ("checksumAlgoritme", _term("SHA-256", "Begrippenlijst ChecksumAlgoritme MDTO")),
        ("checksumWaarde", sha256),
        ("checksumDatum", moment[:19]),
    ]
    return _document(
        "bestand",
        [
            ("identificatie", _identification(identifier, register)),
            ("naam", name),
            ("omvang", str(size)),
            ("bestandsformaat", _term(kind.label, "PRONOM-register", kind.code)),
            ("checksum", checksum),
            ("isRepresentatieVan", of.nodes()),
        ],
    )


def _identification(identifier: str, register: str) -> list[Node]:
    return [("identificatieKenmerk", identifier), ("identificatieBron", register)]


def _term(label: str, terms: str, code: str = "") -> list[Node]:
    coded: list[Node] = [("begripCode", code)] if code else []
    return [("begripLabel", label), *coded, ("begripBegrippenlijst", Reference(terms).nodes())]


def _document(kind: str, nodes: list[Node]) -> bytes:
    root = ET.Element("MDTO", {"xmlns": NAMESPACE, "xmlns:xsi": _INSTANCE, "xsi:schemaLocation": _SCHEMA})
    _fill(ET.SubElement(root, kind), nodes)
    ET.indent(root)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True)) + b"\n"


def _fill(element: ET.Element, nodes: list[Node]) -> None:
    for name, content in nodes:
        child = ET.SubElement(element, name)
        if isinstance(content, str):
            child.text = _NO_XML.sub("", content)
        else:
            _fill(child, content)
