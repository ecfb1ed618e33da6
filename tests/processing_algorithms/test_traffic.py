"""A matrix over a network through Processing: layers that open in their colours, and go on to the noise of roads."""

import json

import numpy as np
import pytest
from qgis.core import (
    QgsCoordinateTransformContext,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from dtwin_plugin.data import Grid
from dtwin_plugin.layers.finish import load_sidecars
from dtwin_plugin.sources.raster_write import write_cog
from tests.processing_algorithms.memory_layers import layer
from tests.processing_algorithms.test_modeller import child

X, Y = 120_000.0, 486_000.0
# a square of streets open both ways, with a slow way past the school; node -> place
PLACES = {1: (0, 0), 2: (400, 0), 3: (400, 300), 4: (0, 300), 5: (-200, 0), 6: (600, 300)}
STREETS = [
    (1, 1, 2, 900.0, 0.5), (2, 2, 3, 900.0, 0.5), (3, 1, 4, 600.0, 0.6), (4, 4, 3, 600.0, 0.6),
    (5, 5, 1, 1800.0, 0.2), (6, 3, 6, 1800.0, 0.2),
]  # fmt: skip
ZONES = {5: "west", 6: "east"}


def place(node):
    return f"{X + PLACES[node][0]} {Y + PLACES[node][1]}"


def links(closed=()):
    fields = ["link:integer", "from_node:integer", "to_node:integer", "direction:string", "class:string", "name:string",
              "speed:double", "length:double", "free_time_forward:double", "free_time_backward:double",
              "capacity_forward:double", "capacity_backward:double", "bpr_b:double", "bpr_power:double"]  # fmt: skip
    rows = []
    for number, start, end, capacity, minutes in STREETS:
        (ax, ay), (bx, by) = PLACES[start], PLACES[end]
        way = "closed" if number in closed else "both"
        rows.append((f"LINESTRING({place(start)}, {place(end)})", number, start, end, way, "residential", None, 50.0,
                     abs(ax - bx) + abs(ay - by), minutes, minutes, capacity, capacity, 0.15, 4.0))  # fmt: skip
    return layer("LineString", fields, *rows)


def nodes():
    rows = [(f"POINT({place(node)})", node, ZONES.get(node), node not in ZONES) for node in PLACES]
    return layer("Point", ["node:integer", "zone:string", "through:boolean"], *rows)


@pytest.fixture(scope="module")
def made(tmp_path_factory, provider):
    """A day on the square, the same with the street 1 closed, their difference, and the noise of the first."""
    folder, context = tmp_path_factory.mktemp("traffic"), QgsProcessingContext()
    trips = folder / "trips.csv"
    trips.write_text("origin;destination;car;truck\nwest;east;8000;300\neast;west;7000;250\n")

    def run(name, to, **parameters):
        destinations = {key: str(folder / value) for key, value in to.items()}
        found, done = (
            provider.algorithm(name)
            .create()
            .run({**parameters, **destinations}, context, QgsProcessingFeedback(), {}, False)
        )
        assert done
        return found

    found = {}
    for key, closed in (("before", ()), ("after", (1,))):
        found[key] = run("assigntraffic", links=links(closed), nodes=nodes(), demand=str(trips), demand_of=2,
                         periods="all", target_gap=1e-8, select_links="2", select_zones="west",
                         to={"flows": f"{key}.gpkg", "flows_by_period": f"{key}_p.gpkg",
                             "selected_flows": f"{key}_s.gpkg", "zone_flows": f"{key}_z.gpkg",
                             "selected_trips": f"{key}_t.csv", "turning_flows": f"{key}_turn.gpkg",
                             "skims": f"{key}_skims.csv", "convergence": f"{key}_c.csv", "summary": f"{key}_sum.csv",
                             "record": f"{key}.json"})  # fmt: skip
    found["difference"] = run("trafficdifference", before=found["before"]["flows"], after=found["after"]["flows"],
                              to={"difference": "d.gpkg", "statistics": "d.csv"})  # fmt: skip
    terrain = str(folder / "terrain.tif")
    write_cog(Grid(np.zeros((200, 250)), X - 400, Y + 600, 5.0, unit="m"), terrain)
    ears = layer("Point", ["id:string"], (f"POINT({X + 200} {Y + 20})", "1"), (f"POINT({X + 200} {Y + 320})", "2"))
    for key in ("before", "after"):
        found[f"noise_{key}"] = run("roadnoise", roads=found[key]["flows"], terrain=terrain, receivers=ears,
                                    to={"points": f"n_{key}.gpkg", "summary": f"n_{key}.csv"})  # fmt: skip
    yield found
    context.temporaryLayerStore().removeAllMapLayers()


def opened(path):
    found = QgsVectorLayer(path, "opened", "ogr")
    assert found.isValid() and found.featureCount()
    return found


def by_link(path, name):
    return {feature["link"]: feature[name] for feature in opened(path).getFeatures()}


def test_all_trips_of_the_day_pass_where_there_is_one_way(made):
    layer_of = opened(made["before"]["flows"])
    kinds = [f"{kind}_{part}" for kind in ("light", "medium", "heavy") for part in ("day", "evening", "night")]
    hours = dict(day=12, evening=4, night=8)
    gate = next(feature for feature in layer_of.getFeatures() if feature["link"] == 5)
    assert sum(gate[name] * hours[name.split("_")[1]] for name in kinds) == pytest.approx(15_550, abs=1)
    assert sum(gate[f"medium_{part}"] * count for part, count in hours.items()) == pytest.approx(550, abs=0.1)


@pytest.mark.parametrize(("name", "style"), [
    ("flows", "Flow / capacity < 0.6"), ("flows_by_period", "Flow / capacity < 0.6"),
    ("selected_flows", "Those who use what was selected"), ("zone_flows", "Those who use what was selected"),
    ("turning_flows", "Vehicles that turn"),
])  # fmt: skip
def test_results_open_in_their_style(made, name, style):
    found = opened(made["before"][name])  # its rules live as long as it does
    labels = [rule.label() for rule in found.renderer().rootRule().children()]
    assert style in labels and any(label.endswith("veh/h") for label in labels)


def test_units_are_in_the_names_that_people_see(made):
    found = opened(made["before"]["flows"])
    assert found.attributeDisplayName(found.fields().lookupField("flow_forward")) == "flow_forward [h-1]"


def test_periods_are_shown_through_time(made):
    found = opened(made["before"]["flows_by_period"])
    load_sidecars(found)
    properties = found.temporalProperties()
    assert properties.isActive() and properties.startField() == "begin"


def test_the_closed_street_has_no_traffic_and_the_other_has_all(made):
    change = by_link(made["difference"]["difference"], "flow_change")
    before = by_link(made["before"]["flows"], "flow")
    assert change[1] == pytest.approx(-before[1], abs=0.01) and change[3] == pytest.approx(before[1], abs=0.01)
    assert change[5] == pytest.approx(0.0, abs=0.01)
    # 700 m over 1 and 2 as over 3 and 4: nobody drives farther
    assert made["difference"]["vehicle_km"] == pytest.approx(0.0, abs=0.1)
    assert made["difference"]["vehicle_hours"] > 1.0


def test_the_noise_of_both_streets_follows_without_hand_work(made):
    before, after = (
        {one["receiver"]: one["lden"] for one in opened(made[f"noise_{key}"]["points"]).getFeatures()}
        for key in ("before", "after")
    )
    assert after["1"] < before["1"] - 5 and after["2"] > before["2"] + 1


def test_the_record_tells_what_the_log_told(made):
    record = json.loads(open(made["before"]["record"], encoding="utf-8").read())
    assert any("nobody has confirmed" in text for text in record["warnings"])
    assert {one["name"] for one in record["inputs"]} >= {"links", "nodes", "demand"}


def test_the_gap_and_whether_it_was_reached_are_outputs(made):
    assert float(made["before"]["gap"]) <= 1e-8 and str(made["before"]["converged"]).lower() in ("true", "1")
    rows = list(opened(made["before"]["convergence"]).getFeatures())
    assert {row["period"] for row in rows} == {"night", "morning", "midday", "afternoon", "evening"}


def saved(source, path):
    options = QgsVectorFileWriter.SaveVectorOptions()
    error = QgsVectorFileWriter.writeAsVectorFormatV3(source, str(path), QgsCoordinateTransformContext(), options)
    assert error[0] == QgsVectorFileWriter.WriterError.NoError
    return str(path)


@pytest.fixture
def files(tmp_path):
    """The network and a matrix of one hour in files, as a batch job has them."""
    demand = tmp_path / "trips.csv"
    demand.write_text("origin,destination,car\nwest,east,900\n")
    return {"links": saved(links(), tmp_path / "l.gpkg"), "nodes": saved(nodes(), tmp_path / "n.gpkg"),
            "demand": str(demand)}  # fmt: skip


def test_flows_go_on_in_the_graphical_modeller(provider, files, tmp_path):
    model = QgsProcessingModelAlgorithm("chain", "chain", "test")
    model.addChildAlgorithm(child("first", "dtwin:assigntraffic", [], **files))
    model.addChildAlgorithm(child("second", "dtwin:assigntraffic", [], **files, factor=1.5))
    flows = {"before": ("first", "flows"), "after": ("second", "flows")}
    model.addChildAlgorithm(child("change", "dtwin:trafficdifference", ["difference"], **flows))
    context, target = QgsProcessingContext(), str(tmp_path / "d.gpkg")
    _, done = model.run({"change:difference": target}, context, QgsProcessingFeedback())
    assert done
    # the gate has both strands of 900 and half of that more
    assert by_link(target, "flow_change")[5] == pytest.approx(450, abs=0.01)
    context.temporaryLayerStore().removeAllMapLayers()


def test_qgis_process_assigns_and_says_what_is_wrong(batch, files, tmp_path_factory, tmp_path):
    process = batch(tmp_path_factory.mktemp("batch"))
    target = tmp_path / "f.gpkg"
    done = process("--json", "run", "dtwin:assigntraffic", "-", inputs={**files, "flows": str(target)})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results"]["vehicle_km"] == pytest.approx(900 * 1.1, abs=0.01)
    assert by_link(str(target), "flow")[5] == pytest.approx(900, abs=0.01)
    (tmp_path / "trips.csv").write_text("origin,destination,car\nwest,north,1\n")
    other = tmp_path / "g.gpkg"
    done = process("--json", "run", "dtwin:assigntraffic", "-", inputs={**files, "flows": str(other)})
    assert done.returncode != 0 and not other.exists()
    assert "DT355" in done.stdout + done.stderr and "north" in done.stdout + done.stderr
