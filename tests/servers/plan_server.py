"""The national services of plans on this machine: zoning plans (v4), documents (v8) and their geometries (v1).

As the documentation has them: a key in a header, a CRS in another (in one spelling only), HAL pages, ids in addresses
with underscores, and refusals of coordinates with more than three decimals; faults on demand.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, unquote, urlsplit

import serving

ZONING, DOCUMENTS, GEOMETRIES = (
    "/ruimtelijke-plannen/api/opvragen/v4",
    "/publiek/omgevingsdocumenten/api/presenteren/v8",
    "/publiek/omgevingsdocumenten/api/geometrieopvragen/v1",
)
RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
KEY = "made-up-key"
PLAN, DRAFT, VISION = "NL.IMRO.0503.BP9001-2001", "NL.IMRO.0503.BP9002-1001", "NL.IMRO.0503.SV9003-2001"
ACT = "/akn/nl/act/gm0503/2024-01-01/omgevingsplan"


def square(x, y, size):
    return {
        "type": "Polygon",
        "coordinates": [[[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]],
    }


def plan(name, title, status="geldend", kind="bestemmingsplan", **more):
    return {
        "id": name, "naam": title, "type": kind, "regelStatus": status, "isHistorisch": False, "isTamPlan": False,
        "planstatusInfo": {"planstatus": "vastgesteld", "datum": "2015-06-25"},
        "verwijzingNaarTekst": [f"https://plannen.example/{name}/regels.html"], **more,
    }  # fmt: skip


def measure(number, geometry, *norms):
    return {
        "id": f"{PLAN}.mv{number}", "type": "maatvoering", "naam": ", ".join(name for name, _ in norms),
        "omvang": [{"naam": name, "waarde": value} for name, value in norms], "geometrie": geometry,
        "verwijzingNaarTekst": None, "_links": {},
    }  # fmt: skip


def objects():
    return {
        "maatvoeringen": [
            measure(1, square(84_700, 447_500, 60), ("maximum bouwhoogte (m)", "11"),
                    ("maximum goothoogte (m)", "6,5")),
            measure(2, square(84_800, 447_500, 60), ("maximum bebouwingspercentage (%)", "60")),
            measure(3, square(84_900, 447_500, 60), ("minimum bouwhoogte (m)", "6"),
                    ("maximum bouwhoogte (m)", "zie regels")),
        ],
        "bouwvlakken": [
            {"id": "bv1", "type": "bouwvlak", "naam": "bouwvlak", "geometrie": square(84_710, 447_510, 40)}
        ],
        "bestemmingsvlakken": [
            {"id": "ep1", "type": "enkelbestemming", "naam": "Wonen", "bestemmingshoofdgroep": "wonen",
             "geometrie": {"type": "MultiPolygon", "coordinates": [square(84_690, 447_490, 300)["coordinates"]]},
             "verwijzingNaarTekst": "https://plannen.example/regels.html#wonen"}
        ],
        "bouwaanduidingen": [], "functieaanduidingen": [], "gebiedsaanduidingen": [],
    }  # fmt: skip


def annotations():
    def norm(number, name, kind, unit, *values):
        return {
            "identificatie": f"nl.imow-gm0503.omgevingsnorm.{number}", "naam": name,
            "type": {"code": f"http://standaarden.omgevingswet.overheid.nl/typenorm/id/concept/{kind}", "waarde": kind},
            "eenheid": {"code": "http://standaarden.omgevingswet.overheid.nl/eenheid/id/concept/x", "waarde": unit},
            "groep": {"waarde": "maatvoering bouwen"},
            "normwaarden": [
                {"identificatie": f"nl.imow-gm0503.normwaarde.{number}{index}", **value}
                for index, value in enumerate(values)
            ],
        }  # fmt: skip

    place = "nl.imow-gm0503.gebied.{}".format
    return {
        "regelteksten": [], "activiteiten": [],
        "omgevingsnormen": [
            norm(1, "Bouwhoogte", "MaximumBouwhoogte", "meter",
                 {"kwantitatieveWaarde": 13.5, "locatieRefs": [place(1)]},
                 {"kwantitatieveWaarde": 7, "locatieRefs": [place("groep")]}),
            norm(2, "maximum bouwhoogte bedrijfsgebouw", "MaximumBouwhoogte", "meter",
                 {"kwantitatieveWaarde": 9, "locatieRefs": [place(2)]}),
            norm(3, "goothoogte", "MaximumGoothoogte", "meter",
                 {"waardeInRegeltekst": "waarde staat in regeltekst", "locatieRefs": [place(1)]},
                 {"kwalitatieveWaarde": "aansluitend bij de buren", "locatieRefs": [place(2), place("nergens")]}),
        ],
        "locaties": [
            {"identificatie": place(1), "noemer": "Blok A", "geometrieIdentificatie": "g-1", "locatieType": "Gebied"},
            {"identificatie": place(2), "geometrieIdentificatie": "g-2", "locatieType": "Gebied"},
            {"identificatie": place("groep"), "locatieRefs": [place(2), place("groep")],
             "locatieType": "Gebiedengroep"},
            {"identificatie": place("nergens"), "locatieType": "Ambtsgebied"},
        ],
    }  # fmt: skip


class Plans:
    """The state: what there is, what was asked, the key, and the faults to come.

    A fault is a status and a body, "slow", "closed" or "half". `page` is how many things an answer has at most;
    `endless` pages link to themselves, and `elsewhere` is a server that links lead to.
    """

    def __init__(self, page=100):
        self.plans = [plan(PLAN, "Testplan"), plan(DRAFT, "Ontwerp", "nietGeldend"),
                      plan(VISION, "Visie", kind="structuurvisie")]  # fmt: skip
        self.objects = {PLAN: objects(), DRAFT: dict.fromkeys(objects(), []), VISION: {}}
        self.acts = [{"identificatie": ACT, "opschrift": "Omgevingsplan Testdorp", "type": {"waarde": "Omgevingsplan"},
                      "geregistreerdMet": {"beginInwerking": "2024-01-01"}},
                     {"identificatie": "/akn/nl/act/mnre1034/2020/bbl", "type": {"waarde": "AMvB"}}]  # fmt: skip
        self.annotations = annotations()
        self.geometries = {"g-1": square(84_700, 447_500, 50), "g-2": square(84_800, 447_500, 50)}
        self.page, self.key, self.asked, self.faults, self.url = page, KEY, [], [], ""
        self.endless, self.elsewhere = False, ""

    def answer(self, path, query, headers, body):
        """Return a status and an answer."""
        if headers.get("x-api-key") != self.key:
            return 401, {"title": "Missing API Key", "status": 401}
        for root, ask in ((ZONING, self.zoning), (DOCUMENTS, self.documents), (GEOMETRIES, self.geometry)):
            if path.startswith(root):
                return ask(path[len(root) :], query, headers, body)
        return 404, {"detail": "no such page"}

    def zoning(self, path, query, headers, body):
        if headers.get("accept-crs") != "epsg:28992" or (body and headers.get("content-crs") != "epsg:28992"):
            return 412, {"detail": "Accept-Crs or Content-Crs is missing"}
        box = None if body is None else box_of(body["_geo"]["intersects"])
        if box == "decimals":
            return 400, {"detail": "too many decimals"}
        if path == "/plannen/_zoek":
            wanted = query.get("regelStatus")
            found = [item for item in self.plans if wanted in (None, item["regelStatus"])]
            return self.listed("plannen", found, path, query, ZONING)
        name, _, rest = path.removeprefix("/plannen/").partition("/")
        name = unquote(name)
        if name not in self.objects:
            return 404, {"detail": "no such plan"}
        if not rest:
            return 200, next(item for item in self.plans if item["id"] == name)
        kind = rest.removesuffix("/_zoek")
        if kind not in self.objects[name] or rest.endswith("/_zoek") != (body is not None):
            return 400, {"detail": "no such resource"}
        found = [item for item in self.objects[name][kind] if box is None or touches(item["geometrie"], box)]
        if query.get("expand") != "geometrie":
            found = [{key: value for key, value in item.items() if key != "geometrie"} for item in found]
        return self.listed(kind, found, path, query, ZONING)

    def documents(self, path, query, headers, body):
        if body is not None and headers.get("content-crs") != RD:
            return 200, {"_embedded": {}}  # the short spelling is not refused, it finds nothing
        if body is not None and box_of(body["geometrie"]) == "decimals":
            return 422, {"detail": "Geometrie heeft meer dan 3 decimalen"}
        if path == "/regelingen/_zoek":
            return self.listed("regelingen", self.acts, path, query, DOCUMENTS)
        name, _, rest = path.removeprefix("/regelingen/").partition("/")
        for act in self.acts:
            if name == act["identificatie"].replace("/", "_").replace("-", "_"):
                if not rest:
                    return 200, act
                if rest in ("regeltekstannotaties", "regeltekstannotaties/_zoek"):
                    return self.annotated(path, query)
        return 404, {"detail": "no such document"}

    def annotated(self, path, query):
        """The norms in pages where there are more than one page has; each page has all locations and repeats a norm."""
        norms, number = self.annotations["omgevingsnormen"], int(query.get("page", 1))
        found = {
            **self.annotations,
            "omgevingsnormen": norms[max(0, (number - 1) * self.page - 1) : number * self.page],
        }
        if number * self.page < len(norms):
            more = f"{self.url}{DOCUMENTS}{path}?locatieSelectie=primair&page={number + 1}"
            found["_links"] = {"next": {"href": more}}
        return 200, found

    def geometry(self, path, query, headers, body):
        found = self.geometries.get(unquote(path).removeprefix("/geometrieen/"))
        if query.get("crs") != RD:
            return 400, {"detail": "crs is missing"}
        return (200, found) if found else (404, {"detail": "no such geometry"})

    def listed(self, name, found, path, query, root):
        """Return a page, with a link to the one after it."""
        number = int(query.get("page", 1))
        size = min(self.page, int(query.get("pageSize", query.get("size", 20))))
        part = found[(number - 1) * size : number * size]
        links = {"self": {"href": self.url + root + path}}
        if self.endless or number * size < len(found):
            following = number if self.endless else number + 1
            more = "&".join(f"{key}={value}" for key, value in query.items() if key != "page")
            links["next"] = {"href": f"{self.elsewhere or self.url}{root}{path}?{more}&page={following}"}
        return 200, {"_embedded": {name: part}, "_links": links}


def box_of(geometry):
    """Return the box of a polygon, "decimals" where it has too many."""
    points = geometry["coordinates"][0]
    if any(round(value, 3) != value for point in points for value in point):
        return "decimals"
    xs, ys = zip(*points)
    return min(xs), min(ys), max(xs), max(ys)


def touches(geometry, box):
    try:
        rings = geometry["coordinates"] if geometry["type"] == "Polygon" else geometry["coordinates"][0]
        xs, ys = zip(*rings[0])
        return min(xs) < 1000 or max(xs) >= box[0] and min(xs) <= box[2] and max(ys) >= box[1] and min(ys) <= box[3]
    except (KeyError, TypeError, ValueError, IndexError):
        return True  # what is broken is sent all the same


class Handler(serving.Handler):
    kind = "application/hal+json"

    def do_GET(self):
        self.answer(None)

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body):
        state, parts = self.server.state, urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        headers = {name.lower(): value for name, value in self.headers.items()}
        state.asked.append((parts.path, query, headers, body))
        fault = self.fault()
        if fault == "closed":
            return
        status, found = fault if isinstance(fault, tuple) else state.answer(parts.path, query, headers, body)
        self.send(status, found if isinstance(found, bytes) else json.dumps(found).encode(), half=fault == "half")


serve = serving.server(Handler)


def own_catalogue(url):
    """Rows of an organisation's own list that lead to this server."""
    common = {"owner": "Test", "licence": "CC0 1.0", "attribution": "Test", "access_level": "open", "title": "Test",
              "kind": "rest", "auth": "X-Api-Key"}  # fmt: skip
    roots = {"imro-api": ZONING, "dso-presenteren": DOCUMENTS, "dso-geometrie": GEOMETRIES}
    return [{"id": name, "url": url + root, **common} for name, root in roots.items()]
