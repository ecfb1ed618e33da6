"""The source of CityGML files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.data.crs import in_rd_bounds, is_rd
from dtwin_plugin.errors import FormatError
from dtwin_plugin.progress import Progress, Silent
from dtwin_plugin.translate import mark

from ..archive import Member, members
from ..base import SourceInfo
from ..cityjson.facts import ordered
from ..gml import crs_of
from ..lfs import refuse_pointer
from ..objects_file import ObjectsFile
from ..safe_xml import child, elements, local, root_of
from ..stop import stop_if_asked
from .build import build
from .objects import CityObject, Reader
from .placement import Place, within

_CHUNK = 2000  # objects
_SURFACES = 100_000  # in a chunk, so that one of large terrains is no larger
_MEMBERS = ("cityObjectMember", "featureMember", "boundedBy")
_NAMES = (".gml", ".xml", ".citygml")
_VERSIONS = {"/citygml/1.0": "1.0", "/citygml/2.0": "2.0", "/citygml/3.0": "3.0"}
_LEFT_OUT = (
    ("implicit", mark("{count} implicit geometries (copies of a prototype) are left out.")),
    ("references", mark("{count} references lead to no geometry of the same object; they are left out.")),
    ("polygons", mark("{count} polygons have no outline in three dimensions; they are left out.")),
    ("unread", mark("{count} polygons lie in parts of an extension of CityGML that is not read; they are left out.")),
    ("thin", mark("{count} lines and points have no surfaces and are left out.")),
)


class CityGmlSource(ObjectsFile):
    """City objects of CityGML files, also in a zip, in RD New and m NAP; read object by object.

    Takes what `ObjectsFile` takes; a level of detail is a whole number ("2").
    """

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts; the whole file is read, but not kept.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not CityGML.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        types: Counter[str] = Counter()
        lods: Counter[str] = Counter()
        kinds: Counter[str] = Counter()
        names: dict[str, None] = {}
        systems: Counter[str] = Counter()
        box = [np.full(3, np.inf), np.full(3, -np.inf)]
        reader = Reader(self.path.name)
        versions = set()
        for version, item in self._objects(reader, progress):
            versions.add(version)
            types[item.type] += 1
            names.update(dict.fromkeys(item.attributes))
            if item.srs:
                systems[item.srs] += 1
            for lod, surfaces in item.surfaces.items():
                lods[lod] += 1
                kinds.update(surface.kind for surface in surfaces)
                xyz = np.concatenate([ring for surface in surfaces for ring in surface.rings])
                box = [np.fmin(box[0], xyz.min(axis=0)), np.fmax(box[1], xyz.max(axis=0))]
        version = "/".join(sorted(versions)) or self._version()
        stated = systems.most_common(1)[0][0] if systems else None
        facts = {
            "version": version,
            "types": ordered(types),
            "lods": ordered(lods),
            "surfaces": ordered(kinds),
            "attributes": sorted(names),
            "stated_crs": stated,
            "implicit_geometries": reader.counts["implicit"],
        }
        crs = crs_of(stated)
        extent = (*box[0].tolist(), *box[1].tolist()) if np.isfinite(box[0]).all() else None
        warnings = [text.format(count=reader.counts[name]) for name, text in _LEFT_OUT if reader.counts[name]]
        if stated is None:
            warnings.insert(0, "The file states no coordinate reference system.")
        elif crs is None:
            warnings.insert(0, f"The coordinate reference system {stated} is not known.")
        elif extent and is_rd(crs) and not in_rd_bounds(*extent[:2], *extent[3:5]):
            warnings.insert(0, "Coordinates lie outside the Netherlands, though the file says that they are in RD New.")
        return SourceInfo(f"CityGML {version}", "surfaces", crs, extent, sum(types.values()), facts, tuple(warnings))

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces]:
        """Yield chunks of about 2000 objects; an object is given whole if the box around it touches the area.

        Raises
        ------
        SourceError, FormatError
            If it cannot be read or is not CityGML.
        CrsError
            If its coordinates cannot be placed in RD New.
        Cancelled
            If the user stops it.
        """
        progress = progress or Silent()
        reader = Reader(self.path.name)
        place = Place(self.path.name, crs_of(self._assume_crs), progress)
        batch: list[tuple[CityObject, str]] = []
        count = 0
        for item, lod in self._chosen(reader, progress):
            batch.append((item, lod))
            count += len(item.surfaces[lod])
            if len(batch) >= _CHUNK or count >= _SURFACES:
                yield from within(build(batch, place, self.path.stem), extent)
                batch, count = [], 0
        yield from within(build(batch, place, self.path.stem), extent)
        for name, text in _LEFT_OUT:
            if reader.counts[name]:
                progress.warn(text, count=reader.counts[name])

    def _chosen(self, reader: Reader, progress: Progress) -> Iterator[tuple[CityObject, str]]:
        """Yield the objects and levels of detail that are wanted; parts follow their whole."""
        taken: set[str] = set()
        for _, item in self._objects(reader, progress):
            if item.parent is None:
                taken.clear()
            if self._types is not None and item.type not in self._types and item.parent not in taken:
                continue
            taken.add(item.id)
            lods = sorted(item.surfaces)
            if self._lod == "highest":
                lods = lods[-1:]
            elif self._lod is not None:
                lods = [lod for lod in lods if lod == self._lod.partition(".")[0]]
            for lod in lods:
                yield item, lod

    def _objects(self, reader: Reader, progress: Progress) -> Iterator[tuple[str, CityObject]]:
        """Yield the version and each object, with the CRS of its file where it has none of its own."""
        done = 0
        for member in self._members():
            with member.open() as stream:
                version = _version_of(stream, member.name)
            srs: str | None = None
            with member.open() as stream:
                for element in elements(stream, _MEMBERS, member.name):
                    stop_if_asked(progress)
                    if local(element.tag) == "boundedBy":
                        envelope = child(element, "Envelope")
                        srs = srs or (envelope.get("srsName") if envelope is not None else None)
                        continue
                    for item in reader.objects(element):
                        item.srs = item.srs or srs
                        done += 1
                        yield version, item
                    progress.report(0.0, "{count} objects", count=done)

    def _members(self) -> list[Member]:
        with _pointer_refused(self.path):
            found = list(members(self.path, lambda name: name.lower().endswith(_NAMES)))
        if not found:
            raise FormatError(
                "{file} holds no CityGML file.", hint="Choose a zip with .gml files.", file=self.path.name
            )
        return found

    def _version(self) -> str:
        with self._members()[0].open() as stream:
            return _version_of(stream, self.path.name)


@contextmanager
def _pointer_refused(path: Path) -> Iterator[None]:
    if path.is_file():
        with path.open("rb") as stream:
            refuse_pointer(stream.read(200), path.name)
    yield


def _version_of(stream: Any, file: str) -> str:
    """Return the version of CityGML by the namespaces of the root; raises FormatError for another kind of XML."""
    name, spaces = root_of(stream, file)
    if name != "CityModel":
        raise FormatError(
            "{file} is XML with the root {root}; expected CityModel.",
            hint="Export it as CityGML.",
            file=file,
            root=name,
        )
    for uri in spaces.values():
        for part, version in _VERSIONS.items():
            if part in uri:
                return version
    return "?"
