"""The BGT (large-scale base map) as a service: its 49 collections, and reading several of them for one area.

Names and titles are those of the service's own list of collections; what has lines, points and surfaces is in a
collection for each, and is one class here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from dtwin_plugin import catalogue
from dtwin_plugin.data import Extent, Features
from dtwin_plugin.errors import InputError
from dtwin_plugin.progress import Part, Progress, Silent
from dtwin_plugin.translate import mark

from .features_service import OgcFeaturesSource, Service
from .features_service.service import split_address
from .retry import retrying
from .transport import Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

_SUFFIXES = ("_lijn", "_punt", "_vlak")


@dataclass(frozen=True)
class BgtCollection:
    """A collection of the BGT.

    Attributes
    ----------
    id : str
        As the service names it ("vegetatieobject_punt").
    key : str
        In English, as this plugin names it ("tree_point").
    title : str
        In Dutch, as the service does, without its abbreviation.
    geometry : {"point", "line", "polygon"}
    current : bool
        Whether it has objects of today; some kinds ended in 2020.
    """

    id: str
    key: str
    title: str
    geometry: str
    current: bool = True

    @property
    def bgt_class(self) -> str:
        """The class of IMGeo ("vegetatieobject"), as files of the BGT name it."""
        return self.id[:-5] if self.id.endswith(_SUFFIXES) else self.id


_TABLE = (
    BgtCollection("bak", "bin", "Bak", "point"),
    BgtCollection("begroeidterreindeel", "vegetated_terrain", "Begroeid terreindeel", "polygon"),
    BgtCollection("begroeidterreindeel_kruinlijn", "vegetated_terrain_crest", "Begroeid terreindeel kruinlijn", "line"),
    BgtCollection("bord", "sign", "Bord", "point"),
    BgtCollection("buurt", "neighbourhood", "Buurt", "polygon"),
    BgtCollection("functioneelgebied", "functional_area", "Functioneel gebied", "polygon"),
    BgtCollection("gebouwinstallatie", "building_installation", "Gebouwinstallatie", "polygon"),
    BgtCollection("installatie", "installation", "Installatie", "point"),
    BgtCollection("kast", "cabinet", "Kast", "point"),
    BgtCollection("kunstwerkdeel_lijn", "structure_line", "Kunstwerkdeel lijn", "line"),
    BgtCollection("kunstwerkdeel_punt", "structure_point", "Kunstwerkdeel punt", "point"),
    BgtCollection("kunstwerkdeel_vlak", "structure_area", "Kunstwerkdeel vlak", "polygon"),
    BgtCollection("mast", "mast", "Mast", "point"),
    BgtCollection("onbegroeidterreindeel", "bare_terrain", "Onbegroeid terreindeel", "polygon"),
    BgtCollection("onbegroeidterreindeel_kruinlijn", "bare_terrain_crest", "Onbegroeid terreindeel kruinlijn", "line"),
    BgtCollection("ondersteunendwaterdeel", "auxiliary_water", "Ondersteunend waterdeel", "polygon"),
    BgtCollection("ondersteunendwegdeel", "auxiliary_road", "Ondersteunend wegdeel", "polygon"),
    BgtCollection("ondersteunendwegdeel_kruinlijn", "auxiliary_road_crest", "Ondersteunend wegdeel kruinlijn", "line"),
    BgtCollection("ongeclassificeerdobject", "unclassified", "Ongeclassificeerd object", "polygon", current=False),
    BgtCollection("openbareruimte", "public_space", "Openbare ruimte", "polygon"),
    BgtCollection("openbareruimtelabel", "public_space_label", "Openbare ruimte label", "point"),
    BgtCollection("overbruggingsdeel", "bridge_part", "Overbruggingsdeel", "polygon"),
    BgtCollection("overigbouwwerk", "other_construction", "Overig bouwwerk", "polygon"),
    BgtCollection("overigescheiding", "other_barrier", "Overige scheiding", "polygon", current=False),
    BgtCollection("paal", "pole", "Paal", "point"),
    BgtCollection("pand", "building", "Pand", "polygon"),
    BgtCollection("pand_nummeraanduiding", "house_number", "Pand nummeraanduiding", "point"),
    BgtCollection("put", "manhole", "Put", "point"),
    BgtCollection("scheiding_lijn", "barrier_line", "Scheiding lijn", "line"),
    BgtCollection("scheiding_vlak", "barrier_area", "Scheiding vlak", "polygon"),
    BgtCollection("sensor_lijn", "sensor_line", "Sensor lijn", "line"),
    BgtCollection("sensor_punt", "sensor_point", "Sensor punt", "point"),
    BgtCollection("spoor", "rail_track", "Spoor", "line"),
    BgtCollection("stadsdeel", "city_district", "Stadsdeel", "polygon"),
    BgtCollection("straatmeubilair", "street_furniture", "Straatmeubilair", "point"),
    BgtCollection("tunneldeel", "tunnel_part", "Tunneldeel", "polygon"),
    BgtCollection("vegetatieobject_lijn", "vegetation_line", "Vegetatieobject lijn", "line"),
    BgtCollection("vegetatieobject_punt", "vegetation_point", "Vegetatieobject punt", "point"),
    BgtCollection("vegetatieobject_vlak", "vegetation_area", "Vegetatieobject vlak", "polygon"),
    BgtCollection("waterdeel", "water", "Waterdeel", "polygon"),
    BgtCollection("waterinrichtingselement_lijn", "water_fixture_line", "Waterinrichtingselement lijn", "line"),
    BgtCollection("waterinrichtingselement_punt", "water_fixture_point", "Waterinrichtingselement punt", "point"),
    BgtCollection("waterschap", "water_authority", "Waterschap", "polygon"),
    BgtCollection("wegdeel", "road", "Wegdeel", "polygon"),
    BgtCollection("wegdeel_kruinlijn", "road_crest", "Wegdeel kruinlijn", "line"),
    BgtCollection("weginrichtingselement_lijn", "road_fixture_line", "Weginrichtingselement lijn", "line"),
    BgtCollection("weginrichtingselement_punt", "road_fixture_point", "Weginrichtingselement punt", "point"),
    BgtCollection("weginrichtingselement_vlak", "road_fixture_area", "Weginrichtingselement vlak", "polygon"),
    BgtCollection("wijk", "district", "Wijk", "polygon"),
)
BGT_COLLECTIONS: Mapping[str, BgtCollection] = MappingProxyType({item.id: item for item in _TABLE})


def chosen(names: Iterable[str] | None) -> list[BgtCollection]:
    """Return collections by their ids, their English keys or the classes that they are part of; None for all current.

    >>> [item.id for item in chosen(["vegetatieobject", "road"])]
    ['vegetatieobject_lijn', 'vegetatieobject_punt', 'vegetatieobject_vlak', 'wegdeel']

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if names is None:
        return [item for item in _TABLE if item.current]
    found: dict[str, BgtCollection] = {}
    for name in names:
        wanted = name.strip().lower()
        these = [item for item in _TABLE if wanted in (item.id, item.key, item.bgt_class)]
        if not these:
            raise InputError(
                "The BGT has no {name}; it has {known}.", name=repr(name), known=", ".join(BGT_COLLECTIONS)
            )
        found.update({item.id: item for item in these})
    return list(found.values())


def bgt_from_service(
    extent: Extent,
    classes: Iterable[str] | None,
    transport: Transport,
    progress: Progress | None = None,
    *,
    url: str | None = None,
    datetime: str | None = None,
) -> Iterator[tuple[str, Features]]:
    """Yield the class and the features of each page of an area, collection after collection.

    Parameters
    ----------
    classes : iterable of str or None
        As `chosen` takes them.
    url : str, optional
        Of the service; that of the catalogue ("bgt-ogcapi") if absent.
    datetime : str, optional
        The moment whose state is asked (RFC 3339); without it what has ended is left out.

    Raises
    ------
    InputError
        If a class is unknown, or the area lies outside the Netherlands.
    UnavailableError, FormatError, CrsError
        If the service does not answer, or not as it should.
    Cancelled
        If the user stops it.
    """
    progress, wanted = progress or Silent(), chosen(classes)
    landing, query, _ = split_address(url or catalogue.url_of("bgt-ogcapi"))
    address = f"{landing}?{query}" if query else landing
    present = {item.id: item for item in Service(landing, query, retrying(transport, progress)).all()}
    absent = [item.id for item in wanted if item.id not in present]
    if absent:
        progress.warn(mark("The service has no {names}; these are left out."), names=", ".join(absent))
    there = [item for item in wanted if item.id in present]
    for number, item in enumerate(there):
        source = OgcFeaturesSource(
            address, transport=transport, known=present[item.id], datetime=datetime, current=datetime is None
        )
        part = Part(progress, number / len(there), (number + 1) / len(there))
        for features in source.read(extent, part):
            yield item.bgt_class, features
