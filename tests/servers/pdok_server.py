"""The feature services of PDOK on this machine: OGC API by the ways of GoKoala, and WFS 2.0 with the same data.

As GoKoala's source of 2025: pages of at most 1000 by an opaque cursor that is bound to its question, unknown parameters
and CRS's refused with problem+json, `Content-Crs`, a bbox without a surface refused, `bbox-crs` not without `bbox`, no
`numberMatched`. Faults on demand, one used up a request.

    with serve(Pdok({"lv/bgt/ogc/v1": {"wegdeel": [feature(1, square(84_000, 447_000), functie="fietspad")]}})) as pdok:
        pdok.address("lv/bgt/ogc/v1")
"""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

import serving

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
ALL_CRS = (CRS84, RD, "http://www.opengis.net/def/crs/EPSG/0/3857", "http://www.opengis.net/def/crs/EPSG/0/4258")
KNOWN = {"f", "limit", "cursor", "crs", "datetime", "bbox", "bbox-crs", "filter", "filter-crs", "profile"}
MAXIMUM = 1000


def feature(identity, geometry, lonlat=None, **properties):
    """A GeoJSON feature in RD; `lonlat` is its geometry in CRS84, for services that have no RD."""
    item = {"type": "Feature", "id": identity, "properties": properties, "geometry": geometry}
    if identity is None:
        del item["id"]
    return {**item, "lonlat": lonlat} if lonlat else item


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def square(x, y, size=8.0):
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def street(count, x=84_005.0, y=447_005.0, step=20.0, columns=45, **more):
    """Square objects in rows, 20 m apart, with an id as the BGT has."""
    return [
        feature(
            f"{n:08d}",
            square(x + (n % columns) * step, y + (n // columns) * step),
            lokaal_id=f"G0503.{n:032x}",
            **more,
        )
        for n in range(count)
    ]


class Pdok:
    """The state of a server: services by path, each with collections of features.

    Attributes
    ----------
    asked : list of (path, query)
    faults : list
        For the requests to come: None, (status, headers), "slow", "closed", "half", "half unannounced", "html".
    links : str
        What `next` links do: "good", "loop", "same page", "relative", "other host", "expired" (each cursor is unknown).
    expire_after : set of int
        Requests (counted from 1) at which all cursors given so far become unknown.
    """

    def __init__(self, services):
        flat = all(isinstance(value, list) for value in services.values())
        self.services = {"": dict(services)} if flat else {path.strip("/"): data for path, data in services.items()}
        self.asked, self.faults, self.url = [], [], ""
        self.crs, self.storage_crs, self.filters = list(ALL_CRS), RD, {"identificatie", "gemeente_code"}
        self.links, self.matched, self.epoch, self.expire_after = "good", False, 0, set()
        self.titles, self.collections_more, self.delay = {}, {}, 3.0
        self.change = lambda page: page
        self.wfs_json, self.wfs_schema, self.wfs_exception, self.wfs_limit = True, True, "", MAXIMUM
        self.wfs_crs = "urn:ogc:def:crs:EPSG::28992"

    def address(self, service=""):
        return f"{self.url}/{service}".rstrip("/")

    def answer(self, path, query):
        """Status, content type, body and headers for a request."""
        for service in sorted(self.services, key=len, reverse=True):
            if path == f"/{service}/wfs".replace("//", "/"):
                return Wfs(self, self.services[service]).answer(query)
            if path.strip("/") == service or path.startswith(f"/{service}/".replace("//", "/")):
                rest = path[len(f"/{service}".rstrip("/")) :].strip("/")
                return self.ogc(service, [unquote(part) for part in rest.split("/") if part], query)
        return problem(404, "not found")

    def ogc(self, service, parts, query):
        data = self.services[service]
        if query.get("f", "json") not in ("json", "jsonfg"):
            return problem(400, "unknown format")
        if not parts:
            links = [{"rel": "data", "href": f"{self.address(service)}/collections?f=json"}]
            return document({"title": "PDOK", "description": "", "links": links})
        if parts[0] != "collections" or len(parts) > 3:
            return problem(404, "not found")
        if len(parts) == 1:
            return document({"links": [], "collections": [self.collection(service, name) for name in data]})
        if parts[1] not in data:
            return problem(404, f"collection {parts[1]} doesn't exist")
        if len(parts) == 2:
            return document(self.collection(service, parts[1]))
        return self.items(service, parts[1], query) if parts[2] == "items" else problem(404, "not found")

    def collection(self, service, name):
        address = f"{self.address(service)}/collections/{quote(name)}"
        return {
            "id": name,
            "title": self.titles.get(name, name.capitalize()),
            "description": f"All of {name}.",
            "extent": {"spatial": {"bbox": [[3.0, 50.5, 7.5, 53.7]], "crs": CRS84}},
            "crs": self.crs,
            "storageCrs": self.storage_crs,
            "links": [
                {"rel": "self", "type": "application/json", "href": f"{address}?f=json"},
                {"rel": "items", "type": "application/geo+json", "href": f"{address}/items?f=json"},
                {"rel": "items", "type": "text/html", "href": f"{address}/items?f=html"},
            ],
            "content": [],
            **self.collections_more.get(name, {}),
        }

    def items(self, service, name, query):
        unknown = set(query) - KNOWN - self.filters
        if unknown:
            return problem(400, f"unknown query parameter(s) found: {sorted(unknown)[0]}")
        crs = query.get("crs", CRS84)
        if crs not in self.crs or query.get("bbox-crs", CRS84) not in self.crs:
            return problem(400, "unsupported crs")
        if "bbox-crs" in query and "bbox" not in query:
            return problem(400, "bbox-crs can't be used without bbox parameter")
        try:
            box = [float(edge) for edge in query["bbox"].split(",")] if "bbox" in query else None
            limit = min(int(query.get("limit", 10)), MAXIMUM)
        except ValueError:
            return problem(400, "not a number")
        if box and (len(box) != 4 or (box[2] - box[0]) * (box[3] - box[1]) <= 0):
            return problem(400, "bbox has no surface area")
        degrees = query.get("bbox-crs", CRS84) == CRS84
        found = [item for item in self.services[service][name] if self.wanted(item, box, degrees, query)]
        start = self.start(query)
        if start is None:
            return problem(400, "the cursor is not valid for this request")
        return self.page(service, name, found, start, limit, crs, query)

    def wanted(self, item, box, degrees, query):
        filtered = all(str(item["properties"].get(name)) == query[name] for name in self.filters & set(query))
        shape = item.get("lonlat") if degrees else item["geometry"]
        return filtered and (box is None or (shape is not None and touches(shape, box)))

    def start(self, query):
        if "cursor" not in query:
            return 0
        try:
            epoch, start, question = json.loads(base64.urlsafe_b64decode(query["cursor"]))
        except ValueError:
            return None
        return start if (epoch, question) == (self.epoch, question_of(query)) else None

    def page(self, service, name, found, start, limit, crs, query):
        chosen = found[start : start + limit]
        address = f"{self.address(service)}/collections/{quote(name)}/items"
        degrees = crs == CRS84
        page = {
            "type": "FeatureCollection",
            "timeStamp": "2026-11-27T00:00:00Z",
            "numberReturned": len(chosen),
            "links": [{"rel": "self", "href": f"{address}?{urlencode(query)}"}],
            "features": [served(item, degrees) for item in chosen],
        }
        if self.matched:
            page["numberMatched"] = len(found)
        more = start + limit < len(found) or self.links in ("loop", "same page")
        if more:
            page["links"].append({"rel": "next", "href": self.next(address, start + limit, query)})
        body = json.dumps(self.change(page)).encode()
        return 200, "application/geo+json", body, {"Content-Crs": f"<{crs}>"}

    def next(self, address, start, query):
        if self.links == "loop":
            start = 0
        if self.links == "same page":
            return f"{address}?{urlencode({**query, 'cursor': self.cursor(0, query)})}&profile={len(self.asked)}"
        epoch = -1 if self.links == "expired" else None
        href = f"{address}?{urlencode({**query, 'cursor': self.cursor(start, query, epoch)})}"
        if self.links == "other host":
            return href.replace("127.0.0.1", "elsewhere.example.nl")
        return "items?" + href.partition("?")[2] if self.links == "relative" else href

    def cursor(self, start, query, epoch=None):
        value = [self.epoch if epoch is None else epoch, start, question_of(query)]
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


class Wfs:
    """The WFS 2.0 face of a service."""

    def __init__(self, state, data):
        self.state, self.data = state, data

    def answer(self, query):
        query = {name.lower(): value for name, value in query.items()}
        if self.state.wfs_exception:
            return exception(self.state.wfs_exception)
        if query.get("request") == "GetCapabilities":
            return 200, "application/xml", self.capabilities().encode(), {}
        name = query.get("typenames", "").rpartition(":")[2]
        if query.get("request") == "DescribeFeatureType" and name in self.data and self.state.wfs_schema:
            return 200, "application/gml+xml; version=3.2", self.schema(name).encode(), {}
        if query.get("request") != "GetFeature" or name not in self.data:
            return exception(f"unknown type <{name}>")
        if query.get("srsname", self.state.wfs_crs) != self.state.wfs_crs:
            return exception("unknown srsName")
        edges = query.get("bbox", "").split(",")
        box = [float(edge) for edge in edges[:4]] if len(edges) > 3 else None
        found = [item for item in self.data[name] if box is None or touches(item["geometry"], box)]
        start = int(query.get("startindex", 0))
        chosen = found[start : start + min(int(query.get("count", 10)), self.state.wfs_limit)]
        if "json" in query.get("outputformat", ""):
            crs = {"type": "name", "properties": {"name": self.state.wfs_crs}}
            page = {"type": "FeatureCollection", "crs": crs, "features": [served(item, False) for item in chosen]}
            return 200, "application/json", json.dumps(self.state.change(page)).encode(), {}
        return 200, "application/gml+xml; version=3.2", self.gml(name, chosen, len(found)).encode(), {}

    def capabilities(self):
        formats = ["application/gml+xml; version=3.2"] + ["application/json"] * self.state.wfs_json
        values = "".join(f"<ows:Value>{text}</ows:Value>" for text in formats)
        types = "".join(
            f"<FeatureType><Name>pdok:{name}</Name><Title>{escape(self.state.titles.get(name, name))}</Title>"
            f"<DefaultCRS>{self.state.wfs_crs}</DefaultCRS><OtherCRS>urn:ogc:def:crs:EPSG::4258</OtherCRS>"
            "<ows:WGS84BoundingBox><ows:LowerCorner>3.0 50.5</ows:LowerCorner>"
            "<ows:UpperCorner>7.5 53.7</ows:UpperCorner></ows:WGS84BoundingBox></FeatureType>"
            for name in self.data
        )
        return (
            '<?xml version="1.0"?><wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" '
            'xmlns="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1">'
            "<ows:ServiceIdentification><ows:Title>PDOK</ows:Title></ows:ServiceIdentification>"
            '<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:Parameter name="outputFormat">'
            f"<ows:AllowedValues>{values}</ows:AllowedValues></ows:Parameter></ows:Operation>"
            '<ows:Constraint name="CountDefault"><ows:NoValues/><ows:DefaultValue>1000</ows:DefaultValue>'
            f"</ows:Constraint></ows:OperationsMetadata><FeatureTypeList>{types}</FeatureTypeList></wfs:WFS_Capabilities>"
        )

    def schema(self, name):
        kinds = {int: "xs:int", float: "xs:double"}
        rows = {key: value for item in self.data[name] for key, value in item["properties"].items()}
        elements = "".join(
            f'<xs:element name="{key}" type="{kinds.get(type(value), "xs:string")}"/>' for key, value in rows.items()
        )
        return f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{elements}</xs:schema>'

    def gml(self, name, chosen, total):
        members = "".join(f"<wfs:member>{self.member(name, item)}</wfs:member>" for item in chosen)
        matched = total if self.state.matched else "unknown"
        return (
            '<?xml version="1.0"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" '
            'xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:pdok="http://pdok.geonovum.nl" '
            f'numberMatched="{matched}" numberReturned="{len(chosen)}">{members}</wfs:FeatureCollection>'
        )

    def member(self, name, item):
        rows = "".join(
            f"<pdok:{key}>{escape(str(value))}</pdok:{key}>"
            for key, value in item["properties"].items()
            if value is not None
        )
        identity = quoteattr(f"{name}.{item.get('id', '')}")
        shape = f"<pdok:geom>{gml_of(item['geometry'], self.state.wfs_crs)}</pdok:geom>" if item["geometry"] else ""
        return f"<pdok:{name} gml:id={identity}>{rows}{shape}</pdok:{name}>"


def gml_of(shape, crs):
    def positions(ring):
        return " ".join(f"{value}" for place in ring for value in place[:2])

    if shape["type"] == "Point":
        return f'<gml:Point srsName="{crs}"><gml:pos>{positions([shape["coordinates"]])}</gml:pos></gml:Point>'
    if shape["type"] == "LineString":
        body = f"<gml:posList>{positions(shape['coordinates'])}</gml:posList>"
        return f'<gml:LineString srsName="{crs}">{body}</gml:LineString>'
    names = ["exterior"] + ["interior"] * len(shape["coordinates"])
    rings = "".join(
        f"<gml:{side}><gml:LinearRing><gml:posList>{positions(ring)}</gml:posList></gml:LinearRing></gml:{side}>"
        for side, ring in zip(names, shape["coordinates"])
    )
    return f'<gml:Polygon srsName="{crs}">{rings}</gml:Polygon>'


def exception(text):
    body = (
        '<?xml version="1.0"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1" version="2.0.0">'
        f"<ows:Exception><ows:ExceptionText>{escape(text)}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )
    return 200, "application/xml", body.encode(), {}


def problem(status, detail):
    body = json.dumps({"title": "Problem", "status": status, "detail": detail}).encode()
    return status, "application/problem+json", body, {}


def document(content):
    return 200, "application/json", json.dumps(content).encode(), {}


def question_of(query):
    return sorted(value for name, value in query.items() if name not in ("f", "cursor", "profile"))


def served(item, degrees):
    shape = item.get("lonlat", item["geometry"]) if degrees else item["geometry"]
    return {**{name: value for name, value in item.items() if name != "lonlat"}, "geometry": shape}


def places(value):
    if value and isinstance(value[0], (int, float)):
        yield value
    else:
        for part in value:
            yield from places(part)


def touches(shape, box):
    if shape is None:
        return False
    shapes = shape["geometries"] if shape["type"] == "GeometryCollection" else [shape]
    xs, ys = zip(*(place[:2] for part in shapes for place in places(part["coordinates"])))
    return min(xs) <= box[2] and max(xs) >= box[0] and min(ys) <= box[3] and max(ys) >= box[1]


class Handler(serving.Handler):
    def do_GET(self):
        state, parts = self.server.state, urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        state.asked.append((parts.path, query))
        if len(state.asked) in state.expire_after:
            state.epoch += 1
        fault = self.fault()
        if fault == "closed":
            return
        status, kind, body, headers = state.answer(parts.path, query)
        if isinstance(fault, tuple):
            status, kind, body, headers = (fault[0], "application/json", b"{}", fault[1])
        if fault == "html":
            status, kind, body, headers = (200, "text/html; charset=utf-8", b"<html>Maintenance</html>", {})
        headers = {"Content-Type": kind, **headers}
        self.send(status, body, headers, half=fault == "half", silent=fault == "half unannounced")


serve = serving.server(Handler)
