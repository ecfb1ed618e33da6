"""Monitoring wells and the levels in them, as documents of the BRO."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from .bro import OWNER, day, document, head, location, registered

DAYS, EVERY = 728, 7  # two years, once a week
_FIRST = datetime(2023, 9, 4, 12)


@dataclass(frozen=True)
class Well:
    """A well: its place [local m], surface, and its tubes as top and bottom of the screen [m NAP]."""

    number: int
    x: float
    y: float
    surface: float
    tubes: tuple[tuple[float, float], ...]


def well_name(number: int) -> str:
    """Return the id of a well."""
    return f"GMW9998{number:08d}"


def dossier_name(well: int, tube: int) -> str:
    """Return the id of the dossier with the levels of a tube."""
    return f"GLD9998{10 * well + tube:08d}"


def well_document(well: Well) -> str:
    """Return the document of a well."""
    tubes = "".join(_tube(well, number, *screen) for number, screen in enumerate(well.tubes, 1))
    body = (
        f"{head(well_name(well.number))}<deliveryContext>publiekeTaak</deliveryContext>"
        "<constructionStandard>NENENISO22475d1v2006</constructionStandard><initialFunction>stand</initialFunction>"
        f"<removed>nee</removed><numberOfMonitoringTubes>{len(well.tubes)}</numberOfMonitoringTubes>"
        f"<groundLevelStable>nee</groundLevelStable><wellCode>GMW99Z{well.number:06d}</wellCode><owner>{OWNER}</owner>"
        f"{location(well.x, well.y, well.surface, '2023-08-21', well=True)}{registered()}"
        f"<wellHistory>{day('wellConstructionDate', '2023-08-21')}</wellHistory>{tubes}"
    )
    return document("gmw", "gmwcommon", "1.1", "GMW_PO", body)


def _tube(well: Well, number: int, top: float, bottom: float) -> str:
    head_of = well.surface - 0.12  # in a street pot
    return (
        f"<monitoringTube><tubeNumber>{number}</tubeNumber><tubeType>standaardbuis</tubeType>"
        '<tubeTopDiameter uom="mm">32</tubeTopDiameter><tubeStatus>gebruiksklaar</tubeStatus>'
        f'<tubeTopPosition uom="m">{head_of:.3f}</tubeTopPosition><materialUsed><c:tubeMaterial>peHighDensity'
        f'</c:tubeMaterial></materialUsed><screen><screenLength uom="m">{top - bottom:.3f}</screenLength>'
        f'<screenTopPosition uom="m">{top:.3f}</screenTopPosition><screenBottomPosition uom="m">{bottom:.3f}'
        '</screenBottomPosition></screen><plainTubePart><c:plainTubePartLength uom="m">'
        f"{head_of - top:.3f}</c:plainTubePartLength></plainTubePart></monitoringTube>"
    )


def levels(well: Well, tube: int, water: float) -> list[tuple[str, float]]:
    """Return moments and levels [m NAP] of a tube: high in winter, low in summer, damped in the deep one.

    Parameters
    ----------
    water : float
        Level of the nearest open water [m NAP]; the groundwater stands above it in winter, about at it in summer.
    """
    rng = np.random.RandomState(7000 + 10 * well.number + tube)
    days = np.arange(0, DAYS, EVERY)
    season = np.cos(2 * np.pi * (days - 140) / 365.25)  # highest in the last week of January
    showers = np.zeros(len(days))
    for n in range(1, len(days)):  # what a wet week adds is gone in a month
        showers[n] = 0.75 * showers[n - 1] + rng.exponential(0.03) - 0.03
    mean, swing, wet = (0.32, 0.22, 1.0) if tube == 1 else (-0.15, 0.12, 0.3)
    found = np.round(np.minimum(water + mean + swing * season + wet * showers, well.surface - 0.15), 3)
    moments = [(_FIRST + timedelta(days=int(n))).isoformat() + "+00:00" for n in days]
    return list(zip(moments, found.tolist()))


def levels_document(well: Well, tube: int, series: list[tuple[str, float]]) -> str:
    """Return the dossier of levels of a tube."""
    points = "".join(
        f'<waterml:point><waterml:MeasurementTVP><waterml:time>{time}</waterml:time><waterml:value uom="m">{value:.3f}'
        "</waterml:value><waterml:metadata><waterml:TVPMeasurementMetadata><waterml:qualifier><swe:Category><swe:value>"
        "goedgekeurd</swe:value></swe:Category></waterml:qualifier></waterml:TVPMeasurementMetadata>"
        "</waterml:metadata></waterml:MeasurementTVP></waterml:point>"
        for time, value in series
    )
    kind = 'xlink:href="urn:bro:gld:ObservationMetadata:observationType"'
    body = (
        f"{head(dossier_name(well.number, tube))}{registered()}<monitoringPoint><c:GroundwaterMonitoringTube>"
        f"<c:broId>{well_name(well.number)}</c:broId><c:tubeNumber>{tube}</c:tubeNumber></c:GroundwaterMonitoringTube>"
        f"</monitoringPoint>{day('researchFirstDate', series[0][0][:10])}{day('researchLastDate', series[-1][0][:10])}"
        '<observation><om:OM_Observation gml:id="BRO_0007"><om:metadata><waterml:ObservationMetadata>'
        f"<waterml:parameter><om:NamedValue><om:name {kind}/><om:value>reguliereMeting</om:value></om:NamedValue>"
        '</waterml:parameter><waterml:status xlink:href="urn:bro:gld:StatusCode:volledigBeoordeeld"/>'
        "</waterml:ObservationMetadata></om:metadata><om:result><waterml:MeasurementTimeseries>"
        f"{points}</waterml:MeasurementTimeseries></om:result></om:OM_Observation></observation>"
    )
    return document("gld", "gldcommon", "1.0", "GLD_O", body)
