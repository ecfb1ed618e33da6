"""Documents of the BRO as its services give them: cone penetration tests and geotechnical boreholes."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np

from dtwin_plugin.sources.bro.area import degrees
from dtwin_plugin.sources.bro.cpt import ORDER

from .. import X_ORIGIN, Y_ORIGIN
from .soil import MADE, Unit
from .soundings import Sounding

OWNER = "99980001"  # no organisation has this number
_SPACES = {
    "brocom": "http://www.broservices.nl/xsd/brocommon/3.0", "gml": "http://www.opengis.net/gml/3.2",
    "swe": "http://www.opengis.net/swe/2.0", "om": "http://www.opengis.net/om/2.0",
    "xlink": "http://www.w3.org/1999/xlink", "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "waterml": "http://www.opengis.net/waterml/2.0",
}  # fmt: skip
_COLOURS = {0: "geelbruin", 1: "standaardBruin", 2: "standaardGrijs", 3: "standaardGrijs"}
_MEDIANS = ((0, None), (150, "fijn105tot150um"), (300, "middelgrof200tot300um"), (1e9, "middelgrof300tot420um"))


def document(kind: str, common: str, version: str, name: str, body: str) -> str:
    """Return the answer of a service around one object.

    Parameters
    ----------
    kind, common : str
        Of the namespaces of the object and of what it shares ("bhr-gt", "bhrgtcommon").
    name : str
        Of the object's element.
    """
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _SPACES.items())
    own = f'xmlns="http://www.broservices.nl/xsd/ds{kind}/{version}"'
    shared = f'xmlns:c="http://www.broservices.nl/xsd/{common}/{version}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<dispatchDataResponse {own} {shared} {spaces}>'
        "<brocom:responseType>dispatch</brocom:responseType><brocom:requestReference>-</brocom:requestReference>"
        "<brocom:dispatchTime>2025-09-03T00:00:00+02:00</brocom:dispatchTime><dispatchDocument>"
        f'<{name} gml:id="BRO_0001">{body}</{name}></dispatchDocument></dispatchDataResponse>\n'
    )


def head(name: str) -> str:
    """Return what every object begins with."""
    return (
        f"<brocom:broId>{name}</brocom:broId>"
        f"<brocom:deliveryAccountableParty>{OWNER}</brocom:deliveryAccountableParty>"
        "<brocom:qualityRegime>IMBRO</brocom:qualityRegime>"
    )


def day(tag: str, date: str) -> str:
    """Return an element with a date."""
    return f"<{tag}><brocom:date>{date}</brocom:date></{tag}>"


def registered() -> str:
    """Return the history of a registration that nothing happened to."""
    flags = "".join(f"<brocom:{flag}>nee</brocom:{flag}>" for flag in ("corrected", "underReview", "deregistered"))
    return (
        "<registrationHistory><brocom:objectRegistrationTime>2025-09-03T00:00:00+02:00</brocom:objectRegistrationTime>"
        '<brocom:registrationStatus codeSpace="urn:bro:RegistrationStatus">voltooid</brocom:registrationStatus>'
        f"{flags}</registrationHistory>"
    )


def location(x: float, y: float, surface: float, date: str, well: bool = False) -> str:
    """Return the delivered and the standardized place; the latter by a formula that keeps within half a metre."""
    latitude, longitude = degrees(x + X_ORIGIN, y + Y_ORIGIN)
    point = f'<gml:Point srsName="urn:ogc:def:crs:EPSG::28992" gml:id="BRO_0002"><gml:pos>{x + X_ORIGIN:.3f} '
    reference = "NAP" if well else "maaiveld"
    ground = f'<c:groundLevelPosition uom="m">{surface:.3f}</c:groundLevelPosition>' if well else ""
    return (
        f"<deliveredLocation><c:location>{point}{y + Y_ORIGIN:.3f}</gml:pos></gml:Point></c:location>"
        f"{day('c:horizontalPositioningDate', date)}<c:horizontalPositioningMethod>RTKGPS2tot5cm"
        "</c:horizontalPositioningMethod></deliveredLocation><deliveredVerticalPosition>"
        f"<c:localVerticalReferencePoint>{reference}</c:localVerticalReferencePoint>"
        f'<c:offset uom="m">{0.0 if well else surface:.3f}</c:offset><c:verticalDatum>NAP</c:verticalDatum>{ground}'
        "<c:verticalPositioningMethod>RTKGPS0tot4cm</c:verticalPositioningMethod></deliveredVerticalPosition>"
        '<standardizedLocation><brocom:location srsName="urn:ogc:def:crs:EPSG::4258" gml:id="BRO_0003">'
        f"<gml:pos>{latitude:.9f} {longitude:.9f}</gml:pos></brocom:location><brocom:coordinateTransformation>"
        "RDNAPTRANS2018</brocom:coordinateTransformation></standardizedLocation>"
    )


def cpt_name(number: int) -> str:
    """Return the id of a cone test."""
    return f"CPT9998{number:08d}"


def bore_name(number: int) -> str:
    """Return the id of a borehole."""
    return f"BHR9998{number:08d}"


def cpt(test: Sounding, date: str) -> str:
    """Return a cone penetration test: 25 columns, those that were not measured -999999."""
    count = len(test.rows["depth"])
    table = [test.rows.get(name, np.full(count, -999999.0)) for name in ORDER]
    decimals = [1 if name in ("frictionRatio", "inclinationResultant") else 3 for name in ORDER]
    written = [
        ",".join("-999999" if v == -999999 else f"{v:.{d}f}" for v, d in zip(row, decimals)) for row in zip(*table)
    ]
    flags = "".join(f"<c:{name}>{'ja' if name in test.rows else 'nee'}</c:{name}>" for name in ORDER)
    body = (
        f"{head(cpt_name(test.number))}<deliveryContext>publiekeTaak</deliveryContext>"
        f"<surveyPurpose>infrastructuurLand</surveyPurpose>{day('researchReportDate', date)}"
        f"<cptStandard>NEN-EN-ISO22476-1</cptStandard>{location(test.x, test.y, test.surface, date)}"
        '<conePenetrometerSurvey gml:id="BRO_0004"><c:dissipationTestPerformed>nee</c:dissipationTestPerformed>'
        "<c:cptMethod>elektrischContinu</c:cptMethod><c:qualityClass>klasse2</c:qualityClass>"
        "<c:stopCriterion>einddiepte</c:stopCriterion><c:trajectory>"
        '<c:predrilledDepth uom="m">0.00</c:predrilledDepth>'
        f'<c:finalDepth uom="m">{test.depth:.3f}</c:finalDepth></c:trajectory><c:conePenetrometer>'
        "<c:conePenetrometerType>fictief</c:conePenetrometerType>"
        '<c:coneSurfaceArea uom="mm2">1000</c:coneSurfaceArea>'
        '<c:coneSurfaceQuotient uom="1">0.80</c:coneSurfaceQuotient></c:conePenetrometer>'
        '<c:conePenetrationTest gml:id="BRO_0005"><om:phenomenonTime><gml:TimeInstant gml:id="BRO_0006">'
        f"<gml:timePosition>{date}</gml:timePosition></gml:TimeInstant></om:phenomenonTime><c:cptResult>"
        '<swe:encoding><swe:TextEncoding decimalSeparator="." tokenSeparator="," blockSeparator=";"/></swe:encoding>'
        f"<c:values>{';'.join(written)};</c:values></c:cptResult></c:conePenetrationTest>"
        f"<c:parameters>{flags}</c:parameters></conePenetrometerSurvey>{registered()}"
    )
    return document("cpt", "cptcommon", "1.1", "CPT_O", body)


def borehole(
    number: int, x: float, y: float, surface: float, layers: Sequence[tuple[float, float, Unit]], water: float,
    date: str,
) -> str:  # fmt: skip
    """Return a geotechnical borehole with its layers; `water` is the groundwater [m below the surface]."""
    depth = layers[-1][1]
    body = (
        f"{head(bore_name(number))}<deliveryContext>publiekeTaak</deliveryContext><surveyPurpose>infrastructuurLand"
        "</surveyPurpose><discipline>geotechniek</discipline><surveyProcedure>EN1997d2v2007</surveyProcedure>"
        f"{registered()}{location(x, y, surface, date)}<boring>{day('c:boringStartDate', date)}"
        f'{day("c:boringEndDate", date)}<c:finalDepthBoring uom="m">{depth:.2f}</c:finalDepthBoring>'
        f'<c:groundwaterLevel uom="m">{water:.2f}</c:groundwaterLevel><c:boredInterval>'
        f'<c:beginDepth uom="m">0.00</c:beginDepth><c:endDepth uom="m">{depth:.2f}</c:endDepth>'
        "<c:boringTechnique>handboren</c:boringTechnique></c:boredInterval></boring><boreholeSampleDescription>"
        "<c:descriptionProcedure>ISO14688d1v2019</c:descriptionProcedure><c:descriptiveBoreholeLog>"
        "<c:descriptionQuality>klasse3</c:descriptionQuality><c:descriptionLocation>veld</c:descriptionLocation>"
        f"{''.join(_layer(*layer) for layer in layers)}</c:descriptiveBoreholeLog></boreholeSampleDescription>"
    )
    return document("bhr-gt", "bhrgtcommon", "2.1", "BHR_GT_O", body)


def _layer(top: float, bottom: float, unit: Unit) -> str:
    median = next(name for limit, name in _MEDIANS if unit.median <= limit)
    size = f"<c:sandMedianClass>{median}</c:sandMedianClass>" if median else ""
    made = unit is MADE
    return (
        f'<c:layer><c:upperBoundary uom="m">{top:.2f}</c:upperBoundary><c:lowerBoundary uom="m">{bottom:.2f}'
        f"</c:lowerBoundary><c:anthropogenic>{'ja' if made else 'nee'}</c:anthropogenic><c:soil>"
        f"<c:geotechnicalSoilName>{escape(unit.soil)}</c:geotechnicalSoilName><c:tertiaryConstituent>"
        f"{'puin' if made else 'geen'}</c:tertiaryConstituent><c:colour>"
        f"{_COLOURS.get(unit.lithoclass, 'standaardGrijs')}</c:colour>{size}</c:soil></c:layer>"
    )
