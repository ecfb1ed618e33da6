"""How fast a KLIC delivery of 20 MB is read, and its lines become tubes, against parsing the same XML and no more."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Callable

import numpy as np

LINES = 5200  # with their links, nodes and dimensions in the proportions of the real deliveries: 20 MB
_LIST = "http://definities.geostandaarden.nl/imkl2015/id/waarde"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:imkl="http://www.geostandaarden.nl/imkl/wibon" '
    'xmlns:net="http://inspire.ec.europa.eu/schemas/net/4.0" '
    'xmlns:us="http://inspire.ec.europa.eu/schemas/us-net-common/4.0">'
)
_NETWORK = (
    f'<gml:featureMember><imkl:Utiliteitsnet gml:id="nl.imkl-KL1.N"><imkl:thema xlink:href="{_LIST}/Thema/water"/>'
    '<imkl:standaardDieptelegging uom="urn:ogc:def:uom:OGC::m">1.0</imkl:standaardDieptelegging></imkl:Utiliteitsnet>'
    "</gml:featureMember>"
)
_COMMON = (
    "<net:beginLifespanVersion>2007-01-24T00:00:00+01:00</net:beginLifespanVersion><net:inspireId><base><localId>KL1.{n}"
    '</localId><namespace>nl.imkl</namespace></base></net:inspireId><net:inNetwork xlink:href="nl.imkl-KL1.N"/>'
)
_STATUS = (
    '<us:currentStatus xlink:href="http://inspire.ec.europa.eu/codelist/ConditionOfFacilityValue/functional"/>'
    "<us:validFrom>2007-01-24T00:00:00+01:00</us:validFrom><us:verticalPosition>underground</us:verticalPosition>"
)
_WHERE = 'srsName="urn:ogc:def:crs:EPSG::28992"'
_MEMBERS = (
    '<gml:featureMember><imkl:Waterleiding gml:id="nl.imkl-KL1.W{n}">'
    + _COMMON
    + '<net:link xlink:href="nl.imkl-KL1.L{n}'
    '"/>' + _STATUS + '<us:pipeDiameter uom="urn:ogc:def:uom:OGC::mm">110</us:pipeDiameter><imkl:geoNauwkeurigheidXY '
    f'xlink:href="{_LIST}/NauwkeurigheidXYvalue/tot100cm"/><imkl:label>110 PVC</imkl:label></imkl:Waterleiding>'
    "</gml:featureMember>",
    '<gml:featureMember><us:UtilityLink gml:id="nl.imkl-KL1.L{n}">'
    + _COMMON
    + f"<net:centrelineGeometry><gml:LineString "
    f"{_WHERE}>" + "<gml:posList>{way}</gml:posList></gml:LineString></net:centrelineGeometry><net:fictitious>false"
    "</net:fictitious>" + _STATUS + "</us:UtilityLink></gml:featureMember>",
    '<gml:featureMember><us:Appurtenance gml:id="nl.imkl-KL1.A{n}">' + _COMMON + f"<net:geometry><gml:Point {_WHERE}>"
    "<gml:pos>{point}</gml:pos></gml:Point></net:geometry>" + _STATUS + "</us:Appurtenance></gml:featureMember>",
    '<gml:featureMember><imkl:Maatvoering gml:id="nl.imkl-KL1.M{n}"><imkl:identificatie><imkl:NEN3610ID>'
    "<imkl:namespace>nl.imkl</imkl:namespace><imkl:lokaalID>KL1.M{n}</imkl:lokaalID></imkl:NEN3610ID></imkl:identificatie>"
    '<imkl:label>1.25</imkl:label><imkl:inNetwork xlink:href="nl.imkl-KL1.N"/>'
    f'<imkl:maatvoeringsType xlink:href="{_LIST}/MaatvoeringsTypeValue/maatvoeringslijn"/>'
    f"<imkl:ligging><gml:LineString {_WHERE}>"
    + "<gml:posList>{way}</gml:posList></gml:LineString></imkl:ligging></imkl:Maatvoering></gml:featureMember>",
)


def write_delivery(path: Path, lines: int = LINES) -> None:
    """Write lines of 5 points in an area of 500 x 500 m, with a node and a dimension each."""
    random = np.random.default_rng(1)
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD + _NETWORK)
        for number in range(lines):
            ways = random.uniform(0, 500, 2) + np.cumsum(random.uniform(-8, 8, (5, 2)), axis=0) + (136_000, 456_000)
            way, point = (" ".join(f"{value:.3f}" for value in part.ravel()) for part in (ways, ways[0]))
            for member in (*_MEMBERS, _MEMBERS[3].replace("KL1.M", "KL1.X")):
                file.write(member.format(n=number, way=way, point=point) + "\n")
        file.write("</gml:FeatureCollection>")


def rows(best: Callable[[Callable[[], int]], float]) -> list[dict]:
    """Lines a second from XML to lines with their links, and from these to tubes over a terrain."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.models.subsurface.cables import place
    from dtwin_plugin.models.subsurface.tubes import tubes
    from dtwin_plugin.sources.klic import KlicSource, lines_of

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "delivery.xml"
        write_delivery(path)
        size = path.stat().st_size / 1e6

        def read() -> int:
            found = len(lines_of(KlicSource(path).load()).features)
            assert found == LINES
            return found

        own, least = best(read), best(lambda: _least(path))
        lines = lines_of(KlicSource(path).load()).features
    wave = np.sin(np.arange(1200) / 60)
    ground = Grid(np.tile(wave, (1200, 1)), 135_950, 456_550, 0.5, unit="m")
    space = best(lambda: len(tubes(place(lines, None, ground).features)))
    return [
        {
            "name": f"IMKL of {size:.0f} MB to lines with their links (baseline: lxml and the numbers)",
            "value": round(LINES / own),
            "unit": "lines/s",
            "baseline": round(LINES / least),
            "ratio": round(least / own, 2),
            "target": 0.1,
        },
        {
            "name": "lines to tubes over a terrain of 0.5 m",
            "value": round(LINES / space),
            "unit": "lines/s",
            "baseline": None,
            "ratio": None,
            "target": None,
        },
    ]


def _least(path: Path) -> int:
    from lxml import etree

    return sum(len(list(map(float, (item.text or "").split()))) for item in etree.parse(str(path)).iter("{*}posList"))
