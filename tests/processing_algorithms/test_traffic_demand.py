"""From homes and jobs to traffic on streets, through Processing: what each step writes is what the next one reads."""

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.models.traffic.matrix_files import read_matrices
from tests.processing_algorithms.memory_layers import layer
from tests.processing_algorithms.test_traffic import X, Y, links, nodes


def box(x, y, width, height):
    x, y = X + x, Y + y
    return f"POLYGON(({x} {y}, {x + width} {y}, {x + width} {y + height}, {x} {y + height}, {x} {y}))"


def zones():
    fields = ["zone:string", "woningen:integer", "banen:integer"]
    return layer(
        "Polygon", fields, (box(-400, -200, 400, 400), "west", 400, 900), (box(500, 100, 300, 400), "east", 900, 400)
    )


def plan():
    return layer("Polygon", ["woningen:integer"], (box(-300, -100, 100, 100), 300))


class Told(QgsProcessingFeedback):
    def __init__(self):
        super().__init__()
        self.warnings = []

    def pushWarning(self, text):
        self.warnings.append(text)


@pytest.fixture(scope="module")
def chain(tmp_path_factory, provider):
    """All steps without the plan and with it."""
    folder, context = tmp_path_factory.mktemp("demand"), QgsProcessingContext()
    told = Told()

    def run(name, to, **parameters):
        destinations = {key: str(folder / value) for key, value in to.items()}
        found, done = provider.algorithm(name).create().run({**parameters, **destinations}, context, told, {}, False)
        assert done, told.warnings
        return found

    made = {}
    for key, new in (("before", {}), ("after", {"plan": plan()})):
        ends = run(
            "tripgeneration", zones=zones(), **new, to={"trip_ends": f"{key}_e.gpkg", "statistics": f"{key}_es.gpkg"}
        )
        trips = run("tripdistribution", zones=ends["trip_ends"], parameter=0.5, links=links(), nodes=nodes(),
                    to={"matrix": f"{key}.omx", "lines": f"{key}_l.gpkg", "lengths": f"{key}_h.gpkg",
                        "statistics": f"{key}_ds.gpkg"})  # fmt: skip
        flows = run("assigntraffic", links=links(), nodes=nodes(), demand=trips["matrix"], demand_of=2,
                    classes="car=work+other", periods="all", to={"flows": f"{key}_f.gpkg"})  # fmt: skip
        made[key] = {**ends, **trips, **flows}
    made["shown"] = run("matrixlines", matrix=made["after"]["matrix"], matrix_name="work", zones=zones(),
                        to={"lines": "lines.gpkg", "totals": "totals.gpkg", "statistics": "ls.gpkg"})  # fmt: skip
    made["grown"] = run("matrixfactor", matrix=made["before"]["matrix"], matrix_name="work", of_purpose="work",
                        zones=made["after"]["trip_ends"],
                        to={"result": "grown.csv", "statistics": "g.gpkg"})  # fmt: skip
    made["told"] = told.warnings
    return made


def opened(path):
    found = QgsVectorLayer(path, "a", "ogr")
    load_sidecars(found)
    assert found.isValid() and found.featureCount()
    return found


def test_new_homes_make_trips_and_traffic(chain):
    # example rates: 3 trips of each home begin a day
    assert chain["after"]["productions"] - chain["before"]["productions"] == pytest.approx(900)
    assert chain["after"]["trips"] == pytest.approx(chain["after"]["productions"])
    flow = {key: sum(row["flow"] for row in opened(chain[key]["flows"]).getFeatures()) for key in ("before", "after")}
    assert flow["after"] > flow["before"] > 0


def test_the_example_of_rates_says_so_on_the_way(chain):
    assert any("DT362" in text for text in chain["told"])
    assert "not for decisions" in chain["before"]["rates_used"]
    assert {row["rates"] for row in opened(chain["before"]["trip_ends"]).getFeatures()} == {
        "example, not for decisions"
    }


def test_matrices_have_the_sums_that_layers_show(chain):
    trips = read_matrices(chain["after"]["matrix"]).ordered(("west", "east")).one("work")
    rows = {row["zone"]: row for row in opened(chain["after"]["trip_ends"]).getFeatures()}
    assert trips.sum(axis=1) == pytest.approx([rows[zone]["production_work"] for zone in ("west", "east")])
    totals = {row["zone"]: row for row in opened(chain["shown"]["totals"]).getFeatures()}
    assert totals["west"]["begin"] == pytest.approx(rows["west"]["production_work"])
    line = next(opened(chain["shown"]["lines"]).getFeatures())
    assert line["trips"] == pytest.approx(trips[0, 1] + trips[1, 0])
    grown = read_matrices(chain["grown"]["result"]).ordered(("west", "east")).one()
    assert grown.sum(axis=0) == pytest.approx(trips.sum(axis=0))


def test_layers_open_in_their_styles(chain):
    assert opened(chain["after"]["trip_ends"]).renderer().type() == "graduatedSymbol"
    assert opened(chain["after"]["lines"]).renderer().type() == "RuleRenderer"


def test_a_matrix_of_the_chain_moves_to_counts(chain, provider, tmp_path):
    counted = links()
    fields = [*(f"{one.name()}:{one.typeName()}" for one in counted.fields()), "count_forward:double"]
    rows = [
        (one.geometry().asWkt(), *one.attributes(), 150.0 if one["link"] == 5 else None)
        for one in counted.getFeatures()
    ]
    to = {key: str(tmp_path / f"{key}.gpkg") for key in ("counts", "zones", "lengths", "statistics")}
    found, done = (
        provider.algorithm("matrixadjust")
        .create()
        .run(
            {"matrix": chain["before"]["matrix"], "matrix_name": "work", "factor": 0.1, "nodes": nodes(),
             "links": layer("LineString", fields, *rows), "result": str(tmp_path / "fit.omx"), **to},
            QgsProcessingContext(), QgsProcessingFeedback(), {}, False,
        )
    )  # fmt: skip
    assert done and found["notice"] == "a fit, not a forecast"
    row = next(opened(found["counts"]).getFeatures())
    assert row["after"] == pytest.approx(150, rel=1e-3) and row["geh_after"] < 0.1 < row["geh_before"]
    assert read_matrices(tmp_path / "fit.omx").ordered(("west", "east")).one()[0, 1] == pytest.approx(1500, rel=1e-3)
