"""Which register a document holds: told by its root element and its namespaces, and refused by name if by none."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources import archive, safe_xml
from dtwin_plugin.translate import mark

from .bag import BAG_1, BAG_2, BAG_TOWNS
from .brk import BRK
from .imgeo import IMGEO
from .profile import Profile
from .top10nl import COLLECTION, GBKN, TOP10NL, TOPNL

_PROFILES = {
    "bagStand": BAG_2,
    "BAG-Extract-Deelbestand-LVC": BAG_1,
    "BAG-GWR-Deelbestand-LVC": BAG_TOWNS,
    "DKK": BRK,
    "KadastraleKaartCollection": BRK,
    "brkkadastralekaartCollection": BRK,
    "FeatureCollectionT10NL": TOP10NL,
    "FeatureCollectionTop50": TOPNL,
    "FeatureCollectionTop100": TOPNL,
    "FeatureCollectionT250NL": TOPNL,
    "FeatureCollectionT500NL": TOPNL,
    "FeatureCollectionT1000NL": TOPNL,
    "FeatureCollectionGBKN": GBKN,
    "FeatureCollection": COLLECTION,
}
_LETTERS = {"BAG-Extract-Levering"}  # what goes with a delivery and has no objects
# Roots of what is something else, and what that is called.
_OTHER = {
    "IndoorFeatures": "IndoorGML",
    "bagMutaties": mark("a BAG mutation file"),
    "mutatieBericht": mark("a BAG mutation file"),
    "CityModel": "CityGML",
    "kml": "KML",
    "gpx": "GPX",
    "osm": "OpenStreetMap",
    "Capabilities": mark("the description of a service"),
    "WFS_Capabilities": mark("the description of a service"),
    "ExceptionReport": mark("an error message of a service"),
    "html": mark("a web page"),
    "schema": mark("an XML schema"),
    "StyledLayerDescriptor": mark("a style (SLD)"),
    "LandXML": "LandXML",
    "InfraGML": "InfraGML",
    "MD_Metadata": mark("metadata"),
}
_IMKL = "geostandaarden.nl/imkl"
_IMGEO = "geostandaarden.nl/imgeo"


@dataclass(frozen=True)
class Document:
    """One XML file, perhaps within archives, and the register that it is of (None for a letter with them)."""

    member: archive.Member
    root: str
    profile: Profile | None
    namespaces: dict[str, str]

    @property
    def label(self) -> str:
        """The name by which the document is told from the others."""
        return self.member.name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give the bytes, those within a gz too."""
        with self.member.open() as raw:
            yield _unpacked(raw)

    def objects(self, stream: IO[bytes], profile: Profile) -> Iterator[tuple[Any, str | None]]:
        """Yield the object elements, each emptied after its turn, and the CRS of those that state none."""
        inherited = None
        for holder in safe_xml.elements(stream, profile.holders, self.label):
            name = safe_xml.local(holder.tag)
            if profile.bare:
                yield holder, None
            elif profile.holders is not None or name.lower().endswith(("member", "members")):
                yield from ((child, inherited) for child in holder if isinstance(child.tag, str))
            elif name == "boundedBy":
                inherited = next((item.get("srsName") for item in holder if item.get("srsName")), None)


def documents(path: Path, warn: Callable[..., None]) -> Iterator[Document]:
    """Yield the documents of a file, a zip, or a folder of these.

    Raises
    ------
    SourceError, FormatError
        If a file cannot be read, or there is no register in it.
    """
    found, strange = False, []
    for member in _members(path):
        document = _document(member)
        if document is None:
            strange.append(member.name)
            continue
        found = True
        yield document
    if strange and found:
        warn("{file} holds {names}, which is not read here.", file=path.name, names=", ".join(strange[:5]))
    if not found:
        raise FormatError(
            "{file} holds no file of a base register; expected .gml or .xml of the BGT, BAG, BRK or TOP10NL.",
            hint="Choose the file as it was delivered.",
            file=path.name,
        )


def _members(path: Path) -> Iterator[archive.Member]:
    if path.is_dir():
        for file in sorted(path.iterdir()):
            if file.suffix.lower() in (".gml", ".xml", ".zip", ".gz"):
                yield from archive.members(file, _wanted)
    else:
        yield from archive.members(path, _wanted)


def _wanted(name: str) -> bool:
    return name.lower().endswith((".gml", ".xml", ".gml.gz", ".xml.gz"))


def _document(member: archive.Member) -> Document | None:
    """Return what a member is; None for what is no register, within an archive among those that are."""
    with member.open() as raw:
        root, namespaces = safe_xml.root_of(_unpacked(raw), member.name)
    profile = _PROFILES.get(root)
    if root == "CityModel" and any(_IMGEO in uri for uri in namespaces.values()):
        profile = IMGEO
    if profile is COLLECTION and any(_IMKL in uri for uri in namespaces.values()):
        profile, root = None, mark("a KLIC delivery (IMKL)")
    if profile is not None or root in _LETTERS:
        return Document(member, root, profile, namespaces)
    if member.names:
        return None
    if root in _OTHER or root.startswith("a "):
        raise FormatError("{file} is {what}, which is not read here.", file=member.name, what=_OTHER.get(root, root))
    raise FormatError(
        "{file} has the root element {root}, which is of no register that is read here.",
        hint="Read are BGT (IMGeo), BAG, BRK, TOP10NL and GML collections.",
        file=member.name,
        root=root[:100],
    )


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    """Return the bytes themselves where they are packed by gzip."""
    buffered = raw if hasattr(raw, "peek") else io.BufferedReader(raw)  # type: ignore[type-var]
    if buffered.peek(2)[:2] == b"\x1f\x8b":  # type: ignore[attr-defined]
        return gzip.GzipFile(fileobj=buffered)  # type: ignore[return-value]
    return buffered
