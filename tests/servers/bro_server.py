"""The public services of the BRO on this machine: search by area, objects by id, and their faults on demand.

As the documentation of the services has it: an area is obligatory, at most 2000 objects are given, and who asks for
more, or wrongly, gets a document that says "rejection"; with which status that comes is not documented, so both play.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import serving

PATH = "/sr/cpt/v1"
WELLS = "/gm/gmw/v1"
_NAMESPACES = (
    'xmlns:brocom="http://www.broservices.nl/xsd/brocommon/{common}" xmlns:gml="http://www.opengis.net/gml/3.2" '
    'xmlns:swe="http://www.opengis.net/swe/2.0" xmlns:om="http://www.opengis.net/om/2.0" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:waterml="http://www.opengis.net/waterml/2.0" '
    'xmlns:c="http://www.broservices.nl/xsd/{kind}common/{version}" xmlns="http://www.broservices.nl/xsd/ds{kind}/{version}"'
)
_MISSING = "-999999"


def document(kind, body, version="1.1", common="3.0", kind_of_answer="dispatch", root="dispatchDataResponse"):
    """An answer of the register around objects."""
    spaces = _NAMESPACES.format(kind=kind, version=version, common=common)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} {spaces}>'
        f"<brocom:responseType>{kind_of_answer}</brocom:responseType>"
        f"<brocom:requestReference>-</brocom:requestReference>{body}</{root}>"
    ).encode()


def rejection(reason, root="dispatchCharacteristicsResponse"):
    """The answer that says no."""
    body = f"<brocom:rejectionReason>{reason}</brocom:rejectionReason>"
    return document("cpt", body, kind_of_answer="rejection", root=root)


def common(name, x=None, y=None, surface="0.50", old=False):
    """What every object begins with; older schemas have no Point around a position."""
    parts = [
        f"<brocom:broId>{name}</brocom:broId>",
        "<brocom:deliveryAccountableParty>27376655</brocom:deliveryAccountableParty>",
        "<brocom:qualityRegime>IMBRO</brocom:qualityRegime>",
    ]
    if x is not None:
        pos = f"<gml:pos>{x:.3f} {y:.3f}</gml:pos>"
        srs = 'srsName="urn:ogc:def:crs:EPSG::28992"'
        place = (
            f"<c:location {srs}>{pos}</c:location>"
            if old
            else (f"<c:location><gml:Point {srs}>{pos}</gml:Point></c:location>")
        )
        parts += [
            f"<deliveredLocation>{place}</deliveredLocation>",
            "<deliveredVerticalPosition><c:localVerticalReferencePoint>maaiveld</c:localVerticalReferencePoint>"
            f'<c:offset uom="m">{surface}</c:offset><c:verticalDatum>NAP</c:verticalDatum></deliveredVerticalPosition>',
        ]
    return "".join(parts)


def cpt(name, x, y, rows=5, version="1.1", old=False):
    """A cone penetration test; its cone resistance is its depth in metres."""
    lines = []
    for row in range(rows):
        columns = [_MISSING] * 25
        columns[0] = columns[1] = f"{(row + 1) * 0.02:.3f}"
        columns[3], columns[18], columns[24] = f"{(row + 1) * 0.02:.3f}", "0.010", "1.5"
        lines.append(",".join(columns))
    values = ";".join(reversed(lines)) + ";"
    body = (
        f'<dispatchDocument><CPT_O gml:id="o">{common(name, x, y, old=old)}<conePenetrometerSurvey><c:cptMethod>'
        "elektrischContinu</c:cptMethod><c:conePenetrationTest><c:cptResult><swe:encoding><swe:TextEncoding "
        'decimalSeparator="." tokenSeparator="," blockSeparator=";"/></swe:encoding>'
        f"<c:values>{values}</c:values></c:cptResult></c:conePenetrationTest></conePenetrometerSurvey>"
        "</CPT_O></dispatchDocument>"
    )
    return document("cpt", body, version)


def well(name, x, y, tubes=((1, -1.0, -2.0),)):
    """A monitoring well with tubes: number, top and bottom of the screen."""
    body = "".join(
        f'<monitoringTube><tubeNumber>{number}</tubeNumber><screen><screenTopPosition uom="m">{top}</screenTopPosition>'
        f'<screenBottomPosition uom="m">{bottom}</screenBottomPosition></screen></monitoringTube>'
        for number, top, bottom in tubes
    )
    height = '<c:groundLevelPosition uom="m">1.25</c:groundLevelPosition></deliveredVerticalPosition>'
    begin = common(name, x, y).replace("</deliveredVerticalPosition>", height)
    return document("gmw", f'<dispatchDocument><GMW_PO gml:id="o">{begin}{body}</GMW_PO></dispatchDocument>')


def levels(name, of, points, status="volledigBeoordeeld", tube=1):
    """A dossier of levels: moments and values [m NAP]."""
    measured = "".join(
        f'<waterml:point><waterml:MeasurementTVP><waterml:time>{time}</waterml:time><waterml:value uom="m">{value}'
        "</waterml:value><waterml:metadata><waterml:TVPMeasurementMetadata><waterml:qualifier><swe:Category><swe:value>"
        "goedgekeurd</swe:value></swe:Category></waterml:qualifier></waterml:TVPMeasurementMetadata></waterml:metadata>"
        "</waterml:MeasurementTVP></waterml:point>"
        for time, value in points
    )
    body = (
        f'<dispatchDocument><GLD_O gml:id="o">{common(name)}<monitoringPoint><c:GroundwaterMonitoringTube><c:broId>{of}'
        f"</c:broId><c:tubeNumber>{tube}</c:tubeNumber></c:GroundwaterMonitoringTube></monitoringPoint>"
        "<observation><om:OM_Observation><om:metadata><waterml:ObservationMetadata><waterml:parameter><om:NamedValue>"
        '<om:name xlink:href="urn:bro:gld:ObservationMetadata:observationType"/><om:value>reguliereMeting</om:value>'
        f'</om:NamedValue></waterml:parameter><waterml:status xlink:href="urn:bro:gld:StatusCode:{status}"/>'
        "</waterml:ObservationMetadata></om:metadata><om:result><waterml:MeasurementTimeseries>"
        f"{measured}</waterml:MeasurementTimeseries></om:result></om:OM_Observation></observation></GLD_O>"
        "</dispatchDocument>"
    )
    return document("gld", body, "1.0")


class Bro:
    """The state of a server.

    `objects` are by id: x, y [RD] and the document; `places` are where a search finds them, in degrees. `faults` are
    used up one a request, those of `broken` hold for an object as long as they stand there.
    """

    def __init__(self, objects, degrees, limit=2000, rejection_status=400):
        self.objects, self.limit, self.rejection_status = dict(objects), limit, rejection_status
        self.places = {name: degrees(x, y) for name, (x, y, _) in self.objects.items()}
        self.wells, self.gone, self.searches, self.asked = {}, set(), [], []
        self.faults, self.broken, self.url, self.caps = [], {}, "", True
        self.at_once = self.most_at_once = 0

    def search(self, question):
        """Status and XML for a search."""
        try:
            box = question["area"]["boundingBox"]
            low, high = box["lowerCorner"], box["upperCorner"]
            edges = [float(corner[name]) for corner in (low, high) for name in ("lat", "lon")]
        except (KeyError, TypeError, ValueError):
            return self.rejection_status, rejection("Het gebied ontbreekt of is onjuist.")
        found = [
            name
            for name, (lat, lon) in self.places.items()
            if edges[0] <= lat <= edges[2] and edges[1] <= lon <= edges[3]
        ]
        if len(found) > self.limit and self.caps:
            reason = f"Het aantal gevonden objecten is meer dan {self.limit}."
            return self.rejection_status, rejection(reason)
        body = "".join(self._summary(name) for name in found[: self.limit])
        return 200, document("cpt", body, root="dispatchCharacteristicsResponse")

    def _summary(self, name):
        gone = "ja" if name in self.gone else "nee"
        return (
            f'<dispatchDocument><CPT_C gml:id="{name}"><brocom:broId>{name}</brocom:broId>'
            f"<brocom:deregistered>{gone}</brocom:deregistered></CPT_C></dispatchDocument>"
        )


class Handler(serving.Handler):
    kind = "application/xml"

    def do_POST(self):
        state = self.server.state
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self._failed(self.fault()):
            return
        path = urlsplit(self.path).path
        if not path.endswith("/characteristics/searches") or "json" not in self.headers.get("Content-Type", ""):
            self.send(404, b"not found")
            return
        question = json.loads(sent)
        state.searches.append(question)
        self.send(*state.search(question))

    def do_GET(self):
        state = self.server.state
        name = urlsplit(self.path).path.rpartition("/objects/")[2]
        state.asked.append(name)
        state.at_once += 1
        state.most_at_once = max(state.most_at_once, state.at_once)
        try:
            if self._failed(self.fault()):
                return
            known = state.wells if WELLS in self.path else {key: body for key, (_, _, body) in state.objects.items()}
            if name in state.broken:
                self.send(*state.broken[name])
            elif name in known:
                self.send(200, known[name])
            else:
                self.send(404, rejection("Het object bestaat niet.", "dispatchDataResponse"))
        finally:
            state.at_once -= 1

    def _failed(self, found):
        """Play a fault; tell whether that was the answer."""
        if found in (None, "slow"):
            return False
        if found == "half":
            self.send(200, document("cpt", "<dispatchDocument>" + " " * 500), silent=True)
        else:
            self.send(found, b"busy", {"Retry-After": "0"} if found == 429 else None)
        return True


serve = serving.server(Handler)
