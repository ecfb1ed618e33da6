"""The documents of plans in a file or a zip: told by their root, whatever their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources import archive, safe_xml
from dtwin_plugin.translate import mark

IMRO, GIO = "imro", "gio"
_GIO_ROOTS = ("GeoInformatieObjectVaststelling", "GeoInformatieObjectVersie")
_YEAR = re.compile(r"imro/?(20\d\d)")
_IMRO_ROOTS = ("FeatureCollectionIMRO", "FeatureCollection")  # the second with the names of IMRO2006
OTHER = {
    "GeoInformatieObjectMutatie": mark("a change of an area with norms (STOP), and not the areas themselves"),
    "FeatureCollectionGeometrie": mark("geometries of an environment plan without their norms"),
    "owBestand": mark("objects of an environment plan (IMOW) without their geometries"),
}


@dataclass(frozen=True)
class Document:
    """A document of a plan.

    Attributes
    ----------
    kind : {"imro", "gio"}
    version : str
        "IMRO2012", "STOP".
    """

    member: archive.Member
    kind: str
    version: str

    @property
    def label(self) -> str:
        """The name by which the document is told from the others."""
        return self.member.name


def documents(path: Path) -> Iterator[Document]:
    """Yield the documents with plans of a file or a zip; what else a zip holds, such as texts, is passed over.

    Raises
    ------
    SourceError, FormatError
        If a file cannot be read, or there is no plan in it.
    """
    found, other = False, ""
    for member in archive.members(path, lambda name: name.lower().endswith((".gml", ".xml"))):
        with member.open() as stream:
            root, namespaces = safe_xml.root_of(stream, member.name)
        document = _document(member, root, namespaces)
        if document is not None:
            found = True
            yield document
        elif root in OTHER:
            other = root
    if found:
        return
    if other:
        raise FormatError(
            "{file} has {what}.",
            hint="Choose the GML file with norm values of the same plan (GeoInformatieObjectVaststelling).",
            file=path.name,
            what=OTHER[other],
        )
    raise FormatError(
        "{file} holds no plan; expected GML of a zoning plan (IMRO) or areas with norms of an environment plan (STOP).",
        hint="Choose the GML file or the zip as it was published.",
        file=path.name,
    )


def _document(member: archive.Member, root: str, namespaces: dict[str, str]) -> Document | None:
    if root in _GIO_ROOTS:
        return Document(member, GIO, "STOP")
    years = [match[1] for uri in namespaces.values() if (match := _YEAR.search(uri))]
    if root not in _IMRO_ROOTS or (root == _IMRO_ROOTS[1] and not years):
        return None
    return Document(member, IMRO, f"IMRO{years[0]}" if years else "IMRO")
