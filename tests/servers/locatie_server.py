"""The place search of PDOK on this machine, and the registers of boundaries and buildings beside it; and faults."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import serving

SEARCH, BOUNDARIES, BAG = (
    "/bzk/locatieserver/search/v3_1",
    "/kadaster/bestuurlijkegebieden/ogc/v1",
    "/kadaster/bag/ogc/v2",
)
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"


def square(x, y, half):
    return [
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ]


def wkt(ring):
    return "POLYGON((" + ",".join(f"{x} {y}" for x, y in ring) + "))"


def municipality(code, name, x, y, half=1000, province="Zuid-Holland"):
    return {
        "id": f"gem-{code}", "type": "gemeente", "weergavenaam": f"Gemeente {name}", "gemeentenaam": name,
        "gemeentecode": code, "provincienaam": province, "score": 10.0, "centroide_rd": f"POINT({x} {y})",
        "geometrie_rd": wkt(square(x, y, half)),
    }  # fmt: skip


def address(number, name, x, y, score=12.0, **more):
    return {
        "id": f"adr-{number}", "type": "adres", "weergavenaam": name, "score": score,
        "centroide_rd": f"POINT({x} {y})", "geometrie_rd": f"POINT({x} {y})",
        "nummeraanduiding_id": f"0503200000{number:06d}", "gekoppeld_perceel": ["DFT00-A-1"], **more,
    }  # fmt: skip


def documents():
    return [
        municipality("0503", "Delft", 84_500, 446_500),
        municipality("0518", "'s-Gravenhage", 81_000, 455_000),
        municipality("0373", "Bergen (NH.)", 108_000, 521_000, province="Noord-Holland"),
        municipality("0893", "Bergen (L.)", 204_000, 400_000, province="Limburg"),
        municipality("1940", "De Fryske Marren", 175_000, 551_000, province="Fryslân"),
        address(1, "Markt 87, 2611GS Delft", 84_452.5, 447_630.25),
        address(2, "Markt 85, 2611GS Delft", 84_460.0, 447_632.0, 11.9),
        address(3, "Dorpsstraat 1, 1111AA Oost", 120_000, 480_000, 9.0),
        address(4, "Dorpsstraat 1, 2222BB West", 90_000, 440_000, 9.0),
        {"id": "wpl-1", "type": "woonplaats", "weergavenaam": "Delft, Delft, Zuid-Holland", "score": 8.0,
         "centroide_rd": "POINT(84400 447500)", "geometrie_rd": wkt(square(84_400, 447_500, 700))},
        {"id": "weg-1", "type": "weg", "weergavenaam": "Oude Delft, Delft", "score": 7.0,
         "centroide_rd": "POINT(84300 447600)",
         "geometrie_rd": "MULTILINESTRING((84300 447500,84300 447700),(84310 447700,84320 447800))"},
    ]  # fmt: skip


def building(number, x, y, half=5.0):
    ring = square(x, y, half)
    return {"type": "Feature", "properties": {"identificatie": number, "bouwjaar": 1990},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip


def boundary(code, name, x, y, half=1500.0):
    shape = {"type": "MultiPolygon", "coordinates": [[square(x, y, half)], [square(x + 5000, y, 100)]]}
    return {"type": "Feature", "properties": {"identificatie": f"GM{code}", "naam": name}, "geometry": shape}


class Places:
    """The state: what is known, what was asked, and the faults to come (status, body, "slow" or "closed")."""

    def __init__(self):
        self.documents, self.asked, self.faults, self.url = documents(), [], [], ""
        self.collections = {
            f"{BOUNDARIES}/collections/gemeentegebied/items": [
                boundary("0503", "Delft", 84_500, 446_500), boundary("0893", "Bergen (L.)", 204_000, 400_000)
            ],
            f"{BAG}/collections/pand/items": [
                building("0503100000019720", 84_600, 447_600), building("0503100000019721", 84_700, 447_650)
            ],
            f"{BAG}/collections/verblijfsobject/items": [
                {"type": "Feature", "properties": {"identificatie": "0503010000000001"},
                 "geometry": {"type": "Point", "coordinates": [84_601.0, 447_601.0]}}
            ],
        }  # fmt: skip

    def answer(self, path, query):
        if path in self.collections:
            if query.get("crs") != RD or query.get("f") != "json":
                return 400, {"title": "Bad Request", "detail": "unknown crs"}
            named = {key: value for key, value in query.items() if key not in ("f", "crs", "limit")}
            found = [
                item for item in self.collections[path] if all(item["properties"].get(k) == v for k, v in named.items())
            ]
            return 200, {"type": "FeatureCollection", "features": found, "numberReturned": len(found)}
        endpoint = path.rpartition("/")[2]
        if path.rpartition("/")[0] != SEARCH or endpoint not in ("free", "suggest", "lookup", "reverse"):
            return 404, {"message": "no such page"}
        return 200, self.listed(getattr(self, endpoint)(query))

    def listed(self, found):
        return {"response": {"numFound": len(found), "start": 0, "docs": found}}

    def free(self, query):
        found = self.matching(query)
        if types := re.search(r"type:\(([^)]*)\)", query.get("fq", "")):
            found = [item for item in found if item["type"] in types.group(1).split(" OR ")]
        for name, value in re.findall(r"(\w+):(\w+)", query.get("fq", "")):
            if name != "type":
                found = [item for item in found if str(item.get(name)) == value]
        fields = query.get("fl", "id,type,weergavenaam,score,centroide_rd").split(",")
        return [{k: v for k, v in item.items() if k in fields} for item in found][: int(query.get("rows", 10))]

    def suggest(self, query):
        return [{k: item[k] for k in ("id", "type", "weergavenaam", "score")} for item in self.matching(query)]

    def lookup(self, query):
        return [item for item in self.documents if item["id"] == query.get("id")]

    def reverse(self, query):
        x, y = float(query["X"]), float(query["Y"])
        found = []
        for item in self.documents:
            if item["type"] == query.get("type", "adres"):
                px, py = map(float, re.findall(r"[\d.]+", item["centroide_rd"]))
                found.append({**item, "afstand": round(((px - x) ** 2 + (py - y) ** 2) ** 0.5, 1)})
        return sorted(found, key=lambda item: item["afstand"])[: int(query.get("rows", 10))]

    def matching(self, query):
        words = plain(query.get("q", "")).split()
        found = [item for item in self.documents if all(w in plain(item["weergavenaam"]) for w in words)]
        return sorted(found, key=lambda item: -item["score"])


def plain(text):
    return re.sub(r"[^\w]+", " ", text.casefold())


class Handler(serving.Handler):
    kind = "application/json;charset=UTF-8"

    def do_GET(self):
        state, parts = self.server.state, urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        state.asked.append((parts.path, query))
        fault = self.fault()
        if fault == "closed":
            return
        status, body = fault if isinstance(fault, tuple) else state.answer(parts.path, query)
        self.send(status, body if isinstance(body, bytes) else json.dumps(body).encode())


serve = serving.server(Handler)


def own_catalogue(url):
    """Rows of an organisation's own list that lead to this server."""
    common = {"owner": "Test", "licence": "CC0 1.0", "attribution": "Test", "access_level": "open", "title": "Test"}
    return [
        {"id": "locatieserver", "kind": "geocoder", "url": f"{url}{SEARCH}/free", **common},
        {"id": "bestuurlijke-gebieden", "kind": "ogcapi-features", "url": url + BOUNDARIES, **common},
        {"id": "bag-ogcapi", "kind": "ogcapi-features", "url": url + BAG, **common},
    ]
