"""A 3DBAG API on this machine, with the quirks of the real one, and faults on demand.

As the service's source of July 2025: only the http spelling of the CRS, unknown parameters refused, pages of at most
100, no `next` when one more than a whole number of pages match, no metadata when nothing matches, and a building on a
border in both areas.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import serving

CRS = "http://www.opengis.net/def/crs/EPSG/0/7415"
PATH = "/collections/pand/items"
KNOWN = {"bbox", "bbox-crs", "crs", "limit", "offset"}


def building(number, x, y, size=8.0, height=6.0, ground=0.0):
    """A box as 3DBAG has it: a Building with LoD 0, and a part with LoD 1.2, 1.3 and 2.2."""
    name = f"NL.IMBAG.Pand.{number:016d}"
    low, high = round(ground * 1000), round((ground + height) * 1000)
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    return {"name": name, "corners": corners, "low": low, "high": high, "height": height, "ground": ground}


def feature(item, translate):
    flat = [(round((x - translate[0]) * 1000), round((y - translate[1]) * 1000)) for x, y in item["corners"]]
    vertices = [[x, y, z - round(translate[2] * 1000)] for z in (item["low"], item["high"]) for x, y in flat]
    walls = [[[a, (a + 1) % 4, (a + 1) % 4 + 4, a + 4]] for a in range(4)]
    shell = [[[3, 2, 1, 0]], [[4, 5, 6, 7]], *walls]
    semantics = {
        "surfaces": [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}],
        "values": [[0, 1, 2, 2, 2, 2]],
    }
    name, part = item["name"], item["name"] + "-0"
    solids = [
        {"type": "Solid", "lod": lod, "boundaries": [shell], "semantics": semantics} for lod in ("1.2", "1.3", "2.2")
    ]
    attributes = {"identificatie": name, "b3_h_maaiveld": item["ground"], "oorspronkelijkbouwjaar": 1970}
    attributes.update({f"b3_attribute_{n}": n * 0.5 for n in range(30)})
    return {
        "type": "CityJSONFeature",
        "id": name,
        "CityObjects": {
            name: {
                "type": "Building",
                "attributes": attributes,
                "geometry": [{"type": "MultiSurface", "lod": "0", "boundaries": [[[0, 1, 2, 3]]]}],
                "children": [part],
            },
            part: {"type": "BuildingPart", "parents": [name], "geometry": solids},
        },
        "vertices": vertices,
    }


class Bag3d:
    """The state of a server: its buildings, what was asked, and the faults to come (one is used up a request)."""

    def __init__(self, buildings):
        self.buildings, self.asked, self.faults, self.url = list(buildings), [], [], ""
        self.translate = [84_000.0, 447_000.0, 0.0]
        self.crs = "https://www.opengis.net/def/crs/EPSG/0/7415"
        self.on_request = lambda number: None

    def matching(self, box):
        def touches(item):
            xs, ys = zip(*item["corners"])
            return min(xs) <= box[2] and max(xs) >= box[0] and min(ys) <= box[3] and max(ys) >= box[1]

        return [item for item in self.buildings if box is None or touches(item)]

    def answer(self, query):
        """Status and JSON for a query."""
        unknown = set(query) - KNOWN
        if unknown:
            return 400, {"code": "InvalidParameterValue", "description": f"unknown parameter {sorted(unknown)[0]}"}
        if any(query.get(name, CRS) != CRS for name in ("crs", "bbox-crs")):
            return 400, {"code": "InvalidParameterValue", "description": "unsupported crs"}
        try:
            box = [float(edge) for edge in query["bbox"].split(",")] if "bbox" in query else None
            limit, offset = min(int(query.get("limit", 10)), 100), int(query.get("offset", 1))
        except ValueError:
            return 400, {"code": "InvalidParameterValue", "description": "not a number"}
        if (box is not None and len(box) != 4) or limit < 1 or offset < 1:
            return 400, {"code": "InvalidParameterValue", "description": "bbox, limit or offset"}
        found = self.matching(box)
        return 200, self.page(found, limit, offset)

    def page(self, found, limit, offset):
        chosen = found[offset - 1 : offset - 1 + limit]
        answer = {
            "type": "FeatureCollection",
            "numberMatched": len(found),
            "numberReturned": len(chosen),
            "links": [{"rel": "self", "href": self.url}],
            "features": [feature(item, self.translate) for item in chosen],
        }
        if offset + limit < len(found):
            answer["links"].append({"rel": "next", "href": f"{self.url}?offset={offset + limit}&limit={limit}"})
        if chosen:
            answer["metadata"] = {
                "type": "CityJSON",
                "version": "2.0",
                "CityObjects": {},
                "vertices": [],
                "transform": {"scale": [0.001, 0.001, 0.001], "translate": self.translate},
                "metadata": {"referenceSystem": self.crs},
            }
        return answer


class Handler(serving.Handler):
    kind = "application/city+json"

    def do_GET(self):
        state = self.server.state
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        state.asked.append(query)
        state.on_request(len(state.asked))
        fault = self.fault()
        if fault == "closed":
            return
        if isinstance(fault, tuple):
            self.send(fault[0], b"{}", fault[1])
            return
        status, answer = state.answer(query) if parts.path == PATH else (404, {})
        body = json.dumps(answer).encode()
        self.send(status, body, {"Content-Crs": f"<{CRS}>"}, half=fault == "half", silent=fault == "half unannounced")


serve = serving.server(Handler, PATH)


def street(count, x=84_005.0, y=447_005.0, step=20.0, columns=45):
    """Buildings in rows, 20 m apart."""
    return [building(n + 1, x + (n % columns) * step, y + (n // columns) * step) for n in range(count)]
