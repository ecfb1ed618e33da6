"""Buildings of the Netherlands in 3D from the 3DBAG API, by area."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Surfaces
from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.data.crs import RD_NAP, in_rd_bounds, is_rd
from dtwin_plugin.errors import Cancelled, FormatError, InputError
from dtwin_plugin.progress import Progress, Silent

from .bag3d_pages import Page, Pages
from .base import SourceInfo
from .cityjson.batch import Batch, Family
from .cityjson.build import Builder
from .cityjson.header import header_of
from .cityjson.objects import checked
from .cityjson.selection import Selection
from .cityjson.vertices import checked_array
from .retry import retrying
from .transport import Transport

LODS = ("0", "1.2", "1.3", "2.2")
_ANSWER = "The answer of the 3DBAG service"
_TILE = 1000.0  # m; a dense square kilometre has some 4000 buildings, 40 pages


class Bag3dSource:
    """The 3DBAG API.

    Parameters
    ----------
    url : str, optional
        Of the collection's items; that of the catalogue ("3dbag-api") if absent.
    transport : Transport
        Carries the requests; asked again with `retry.Retrying`, whose settings are kept if it is one.
    lod : {"0", "1.2", "1.3", "2.2"} or None
        Level of detail; None for all.
    resume_folder : path, optional
        Where pages are kept, so that a second run of the same area goes on where the first stopped. Remove it to
        read the current data again.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        transport: Transport,
        lod: str | None = "2.2",
        resume_folder: str | Path | None = None,
    ) -> None:
        if lod is not None and lod not in LODS:
            raise InputError(
                "3DBAG has no level of detail {found}; it has {known}.", found=repr(lod), known=", ".join(LODS)
            )
        self.url = url or catalogue.url_of("3dbag-api")
        self.lod = lod
        self._transport = transport
        self._folder = Path(resume_folder) if resume_folder else None

    def describe(self, progress: Progress | None = None) -> SourceInfo:
        """Return the facts, with one small request.

        Raises
        ------
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        """
        page = self._pages(progress).first(None)
        facts: dict[str, Any] = {"lods": list(LODS), "url": self.url}
        if page.features:
            objects = page.features[0].get("CityObjects", {}).values()
            facts["types"] = sorted({item.get("type", "") for item in objects})
            facts["attributes"] = sorted({name for item in objects for name in item.get("attributes", {})})
        return SourceInfo(
            f"3DBAG API, CityJSON {page.head.get('version', '2.0')}", "surfaces", RD_NAP, None, page.matched, facts
        )

    def read(self, extent: Extent | None = None, progress: Progress | None = None) -> Iterator[Surfaces]:
        """Yield the buildings whose ground touches an area [RD], a page of at most 100 at a time, each building once.

        Raises
        ------
        InputError
            If there is no area, or it lies outside the Netherlands.
        UnavailableError, FormatError
            If the service does not answer, or not as it should.
        Cancelled
            If the user stops it.
        """
        for page in self.pages(extent, progress):
            surfaces = surfaces_of_page(page, self.lod) if page.features else None
            if surfaces is not None:
                yield surfaces

    def save(self, extent: Extent, path: str | Path, progress: Progress | None = None) -> int:
        """Write the buildings of an area as CityJSONSeq and return how many there are.

        All levels of detail are kept. Raises as `read`; nothing is written if it stops.
        """
        count, head = 0, None
        with written_beside(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as stream:
            for page in self.pages(extent, progress):
                if page.features and head is None:
                    head = page.head
                    stream.write(_line({**head, "CityObjects": {}, "vertices": []}))
                for feature in page.features:
                    _requantise(feature, page.head["transform"], (head or page.head)["transform"])
                    stream.write(_line(feature))
                count += len(page.features)
            if not count:
                raise InputError("3DBAG has no building in the area {area}.", area=extent.bounds)
        return count

    def pages(self, extent: Extent | None, progress: Progress | None = None) -> Iterator[Page]:
        """Yield pages of the features as the service gives them, each building once."""
        if extent is None:
            raise InputError(
                "3DBAG is read by area.", hint="Choose an area; the whole country is 11 million buildings."
            )
        if not in_rd_bounds(*extent.bounds):
            raise InputError("The area {area} lies outside the Netherlands.", area=extent.bounds)
        progress, pages = progress or Silent(), self._pages(progress)
        tiles = list(extent.tiles(_TILE))
        seen: set[str] = set()  # a building on a border is in both tiles
        for number, tile in enumerate(tiles):
            before = len(seen)
            for page in pages.read(tile, seen):
                if progress.is_cancelled():
                    raise Cancelled
                yield page
                part = min(1.0, (len(seen) - before) / max(1, page.matched))
                progress.report((number + part) / len(tiles), "{count} buildings", count=len(seen))
            progress.report((number + 1) / len(tiles), "{count} buildings", count=len(seen))

    def _pages(self, progress: Progress | None) -> Pages:
        return Pages(self.url, retrying(self._transport, progress), self._folder)


def surfaces_of_page(page: Page, lod: str | None) -> Surfaces | None:
    """Return the surfaces of a page's buildings, None if there are none at that level of detail."""
    header = header_of(page.head, _ANSWER)
    if not is_rd(header.crs):
        raise FormatError("{file} is in {crs}; expected EPSG:7415.", file=_ANSWER, crs=header.crs)
    families: list[Family] = []
    vertices: list[Any] = []
    for feature in page.features:
        objects = {name: checked(name, item, _ANSWER) for name, item in feature["CityObjects"].items()}
        families.append(Family(objects, len(vertices), len(feature["vertices"])))
        vertices += feature["vertices"]
    batch = Batch(families, header.real(checked_array(vertices, _ANSWER, '"vertices"')), 1.0)
    # The service is in RD New and m NAP itself, so the coordinates stay as they are.
    return Builder(header, Selection(lod, None), lambda xyz: xyz, name="3DBAG").build(batch)


def _requantise(feature: dict[str, Any], own: dict[str, Any], common: dict[str, Any]) -> None:
    """Express a feature's integer coordinates in the transform of the file's first line."""
    if own == common:
        return
    terms = list(zip(own["scale"], own["translate"], common["scale"], common["translate"]))
    feature["vertices"] = [
        [round((value * scale + shift - to) / by) for value, (scale, shift, by, to) in zip(vertex, terms)]
        for vertex in feature["vertices"]
    ]


def _line(item: dict[str, Any]) -> str:
    return json.dumps(item, separators=(",", ":"), ensure_ascii=False) + "\n"
