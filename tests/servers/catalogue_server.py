"""Services of every kind on this machine: there, moved, slow, locked, gone, and not what they say."""

from __future__ import annotations

import gzip
import json
import threading
import time
from urllib.parse import parse_qs, urlsplit

import serving

WFS = b'<?xml version="1.0"?><wfs:WFS_Capabilities xmlns:wfs="http://www.opengis.net/wfs/2.0" version="2.0.0"/>'
WMS = b'<?xml version="1.0"?><WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms"/>'
WMTS = b'<Capabilities xmlns="http://www.opengis.net/wmts/1.0" version="1.0.0"/>'
WCS = b'<wcs:Capabilities xmlns:wcs="http://www.opengis.net/wcs/2.0" version="2.0.1"/>'
LANDING = json.dumps({"title": "API", "links": [{"rel": "self", "href": "x"}]}).encode()
EXCEPTION = b'<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"><ows:Exception/></ows:ExceptionReport>'
PAGE = b"<!DOCTYPE html><html><body>This service has moved to our new portal.</body></html>"

# path -> what must be asked, and the body
GOOD = {
    "/ogc/v1": ({"f": "json"}, LANDING),
    "/wfs/v2_0": ({"SERVICE": "WFS", "REQUEST": "GetCapabilities"}, WFS),
    "/wms/v1_0": ({"SERVICE": "WMS", "REQUEST": "GetCapabilities"}, WMS),
    "/wmts/v1_0": ({"SERVICE": "WMTS", "REQUEST": "GetCapabilities"}, WMTS),
    "/wcs/v1_0": ({"SERVICE": "WCS", "REQUEST": "GetCapabilities"}, WCS),
    "/tiles/tileset.json": ({}, b'{"asset": {"version": "1.1"}, "geometricError": 1, "root": {}}'),
    "/mesh/layer.json": ({}, b'{"tiles": ["{z}/{x}/{y}.terrain"]}'),
    "/cityjson": ({"limit": "1"}, b'{"type": "FeatureCollection", "features": [{"type": "CityJSONFeature"}]}'),
    "/cloud.copc.laz": ({}, b"LASF" + bytes(30_000_000)),
    "/height.tif": ({}, b"II*\0" + bytes(1000)),
    "/index.fgb": ({}, b"fgb\x03fgb\0"),
    "/feed.xml": ({}, b'<feed xmlns="http://www.w3.org/2005/Atom"/>'),
    "/speed.xml.gz": ({}, gzip.compress(b"<d2/>")),
    "/nc.dds": ({}, b"Dataset {\n  Int32 x;\n} nc;"),
    "/rest": ({}, b"[]"),
}
KINDS = {
    "/ogc/v1": "ogcapi-features", "/wfs/v2_0": "wfs", "/wms/v1_0": "wms", "/wmts/v1_0": "wmts", "/wcs/v1_0": "wcs",
    "/tiles/tileset.json": "3dtiles", "/mesh": "quantized-mesh", "/cityjson": "cityjson-api",
    "/cloud.copc.laz": "copc", "/height.tif": "cog", "/index.fgb": "flatgeobuf", "/feed.xml": "atom",
    "/speed.xml.gz": "datex2", "/nc": "opendap", "/rest": "rest",
}  # fmt: skip
# path -> status and where to
REDIRECTS = {
    "/old/wfs": (301, "/wfs/v2_0"),
    "/older/wfs": (308, "/old/wfs"),
    "/busy/wfs": (302, "/wfs/v2_0"),
    "/slash": (301, "/slash/"),
    "/loop": (301, "/loop"),
    "/file": (302, "file:///etc/passwd"),
}
STATUSES = {"/key": 401, "/forbidden": 403, "/gone": 410, "/broken": 500, "/crowded": 429, "/parameters": 400}


class Services:
    """The state: what was asked, how many at once, and how long the slow ones take."""

    def __init__(self):
        self.asked, self.url, self.now, self.most, self.sleep, self.sent = [], "", 0, 0, 0.6, 0
        self.lock = threading.Lock()

    def answer(self, path, query):
        """Status, headers and body."""
        if path in REDIRECTS:
            status, target = REDIRECTS[path]
            return status, {"Location": target + (f"?{query}" if ":" not in target else "")}, b""
        if path in STATUSES:
            return STATUSES[path], {}, b"no"
        if path in GOOD:
            wanted, body = GOOD[path]
            given = {name: values[-1] for name, values in parse_qs(query).items()}
            return (200, {}, body) if wanted.items() <= given.items() else (400, {}, EXCEPTION)
        found = {"/page": PAGE, "/complaint": EXCEPTION, "/slash/": WFS, "/slow": WFS, "/never": WFS}
        return (200, {}, found[path]) if path in found else (404, {}, b"nothing here")


class Handler(serving.Handler):
    def do_GET(self):
        state, parts = self.server.state, urlsplit(self.path)
        with state.lock:
            state.now += 1
            state.most = max(state.most, state.now)
        state.asked.append(self.path)
        try:
            if parts.path in ("/slow", "/never"):
                time.sleep(state.sleep if parts.path == "/slow" else 20 * state.sleep)
            status, headers, body = state.answer(parts.path, parts.query)
        finally:
            with state.lock:  # before it is sent: who has the answer may ask again at once
                state.now -= 1
        self.send(status, body, headers)


serve = serving.server(Handler)
