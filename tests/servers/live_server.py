"""Plays the NDW and a SensorThings server through simulated time, with the faults that such servers have.

The clock is `state.now` [s since 1970], which a test drives. What was published, and could be had, is remembered in
`state.published`: (station, begin) -> value that holds.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import time
from datetime import datetime, timezone
from email.utils import formatdate
from urllib.parse import parse_qs, unquote, urlsplit

import serving

START = 1_767_258_000  # 2026-01-01T09:00:00Z
SITES = ("RWS01_A", "RWS01_B")
SITE_TABLE = b'<d xmlns="http://datex2.eu/schema/2/2_0">' + b"".join(
    f'<measurementSiteRecord id="{name}" version="1"><measurementSiteName><values><value lang="nl">{name}</value>'
    f'</values></measurementSiteName><measurementSpecificCharacteristics index="1"><measurementSpecificCharacteristics>'
    f"<period>60</period><specificMeasurementValueType>trafficFlow</specificMeasurementValueType>"
    f"</measurementSpecificCharacteristics></measurementSpecificCharacteristics><measurementSiteLocation>"
    f"<locationForDisplay><latitude>52.0{number}</latitude><longitude>4.3{number}</longitude></locationForDisplay>"
    f"</measurementSiteLocation></measurementSiteRecord>".encode()
    for number, name in enumerate(SITES)
) + b"</d>"  # fmt: skip


def iso(moment):
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Ndw:
    """A file that is written anew each minute; `faults` are (begin, end, what), in seconds since the start.

    "down", "busy" and "half" are an outage, HTTP 503 and a file that is cut; "silent" gives no answer in time, "same"
    leaves the file as it was, "tagless" gives no ETag, and "clock" lets the server's own clock be 2 hours ahead.
    The time of change (Last-Modified) never moves.
    """

    def __init__(self, faults=()):
        self.now, self.faults, self.published = float(START), list(faults), {}
        self.asked = self.unchanged = 0

    def fault(self):
        return {what for begin, end, what in self.faults if begin <= self.now - START < end}

    def minute(self):
        """The begin of the minute that the file of now is about; where it is not written anew, that of before."""
        moment = self.now
        for begin, end, what in self.faults:
            if what == "same" and begin <= self.now - START < end:
                moment = START + begin - 1
        return math.floor(moment / 60) * 60 - 60

    def publish(self):
        """Note what the file of now tells; called by the test each second that passes."""
        begin = self.minute()
        for number, name in enumerate(SITES):
            self.published[name, begin] = self.value(number, begin)

    @staticmethod
    def value(number, begin):
        minute = begin // 60
        return math.nan if (minute + number) % 11 == 0 else float(60 * (1 + (minute * 7 + number * 13) % 40))

    def body(self):
        begin = self.minute()
        ahead = 7200 if "clock" in self.fault() else 0
        rows = ""
        for number, name in enumerate(SITES):
            value = self.value(number, begin)
            flow = "-1" if math.isnan(value) else f"{value:g}"
            error = "<dataError>true</dataError>" if math.isnan(value) else ""
            row = (
                f'<siteMeasurements><measurementSiteReference id="{name}" version="1"/><measurementTimeDefault>'
                f'{iso(begin)}</measurementTimeDefault><measuredValue index="1"><measuredValue><basicData><vehicleFlow>'
                f"{error}<vehicleFlowRate>{flow}</vehicleFlowRate></vehicleFlow></basicData></measuredValue>"
                "</measuredValue></siteMeasurements>"
            )
            rows += row * 2 if number == 0 else row  # an id twice
        text = (
            '<d2LogicalModel xmlns="http://datex2.eu/schema/2/2_0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            '<payloadPublication xsi:type="MeasuredDataPublication">'
            f"<publicationTime>{iso(begin + 60 + ahead)}</publicationTime>{rows}</payloadPublication></d2LogicalModel>"
        )
        return gzip.compress(text.encode(), mtime=0)


class NdwHandler(serving.Handler):
    def do_GET(self):
        state = self.server.state
        if self.path.endswith("measurement_current.xml.gz"):
            self.send(200, gzip.compress(SITE_TABLE))
            return
        state.asked += 1
        fault, body = state.fault(), state.body()
        tag = f'"{hashlib.md5(body).hexdigest()}"'
        headers = {"Last-Modified": formatdate(START - 86_400, usegmt=True), "Date": formatdate(state.now, usegmt=True)}
        headers |= {} if "tagless" in fault else {"ETag": tag}
        if "down" in fault:
            self.close_connection = True
            self.connection.close()
        elif "silent" in fault:
            time.sleep(0.4)
        elif "busy" in fault:
            self.send(503, b"", {"Retry-After": "40"})
        elif self.headers.get("If-None-Match") == tag or (
            "If-Modified-Since" in self.headers and "If-None-Match" not in self.headers
        ):
            state.unchanged += 1
            self.send(304, b"", headers)
        elif "half" in fault:  # the file itself is not whole yet: all that is announced comes
            self.send(200, body[: len(body) // 2], headers)
        else:
            self.send(200, body, headers)


class Sensors:
    """A SensorThings server with one datastream, which keeps so many seconds.

    An observation each minute; every 7th lacks, every 5th comes 10 minutes late, every 6th is corrected 5 minutes
    later (same phenomenonTime, newer resultTime), every 9th stands there twice under two ids.
    """

    def __init__(self, keeps=1800, faults=(), page=20):
        self.now, self.keeps, self.faults, self.page = float(START), keeps, list(faults), page
        self.published, self.url = {}, ""
        self.asked = 0

    def observations(self):
        """Return what the server gives now: (id, time, result time, value)."""
        rows = []
        first = max(START, math.ceil((self.now - self.keeps) / 60) * 60)
        for moment in range(first, int(self.now) + 1, 60):
            n = (moment - START) // 60
            if n % 7 == 3:
                continue
            shows = moment + (600 if n % 5 == 2 else 2)
            if self.now >= shows:
                corrected = n % 6 == 1 and self.now >= moment + 300
                value = 10.0 + n + (0.5 if corrected else 0.0)
                rows.append((n * 10, moment, moment + (300 if corrected else 1), value))
                if n % 9 == 4:
                    rows.append((n * 10 + 1, *rows[-1][1:]))
        return rows

    def publish(self):
        for _, moment, _, value in self.observations():
            self.published[moment] = value

    def answer(self, path, query):
        if path.endswith("/Things"):
            stream = {
                "@iot.id": 1, "name": "NO2", "unitOfMeasurement": {"name": "x", "symbol": "ug/m3", "definition": ""},
                "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
                "ObservedProperty": {"@iot.id": 1, "name": "NO2", "definition": "NO2"},
            }  # fmt: skip
            place = {"type": "Point", "coordinates": [4.36, 52.01]}
            location = {"@iot.id": 1, "name": "P", "encodingType": "application/vnd.geo+json", "location": place}
            if "$expand" in query and "Observations" in query["$expand"][0]:
                stream["Observations"] = [self.entity(row) for row in self.observations()[-1:]]
            return {"value": [{"@iot.id": 1, "name": "P", "Locations": [location], "Datastreams": [stream]}]}
        since = query["$filter"][0].split()[2]
        rows = [row for row in self.observations() if iso(row[1]) >= since or iso(row[2]) >= since]
        skip = int(query.get("$skip", ["0"])[0])
        told = {"value": [self.entity(row) for row in rows[skip : skip + self.page]]}
        if skip + self.page < len(rows):
            asked = "&".join(f"{name}={value[0]}" for name, value in query.items() if name != "$skip")
            told["@iot.nextLink"] = f"{self.url}/Datastreams(1)/Observations?{asked}&$skip={skip + self.page}".replace(
                " ", "%20"
            )
        return told

    @staticmethod
    def entity(row):
        number, moment, known, value = row
        return {"@iot.id": number, "phenomenonTime": iso(moment), "resultTime": iso(known), "result": value}


class SensorsHandler(serving.Handler):
    kind = "application/json"

    def do_GET(self):
        state = self.server.state
        state.asked += 1
        if any(begin <= state.now - START < end for begin, end, _ in state.faults):
            self.send(502)
            return
        parts = urlsplit(self.path)
        self.send(200, json.dumps(state.answer(unquote(parts.path), parse_qs(parts.query))).encode())


serve_ndw = serving.server(NdwHandler, "/trafficspeed.xml.gz")
serve_sensors = serving.server(SensorsHandler, "/v1.1")
