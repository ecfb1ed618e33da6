"""Networks with known answers through the toolbox: from their files to layers, and from layers to flows."""

import numpy as np
import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsVectorLayer

from dtwin_plugin.models.traffic.tntp import read_flows, read_trips

NAMES = {"SiouxFalls": "SiouxFalls", "Anaheim": "Anaheim", "Barcelona": "Barcelona",
         "Berlin-Friedrichshain": "friedrichshain-center"}  # fmt: skip


@pytest.fixture(scope="module")
def flows_of(provider, shared, tmp_path_factory):
    """Assign a network, once; return flow and minutes by the nodes that an arc leads from and to, and the outputs."""
    folder, context = tmp_path_factory.mktemp("tntp"), QgsProcessingContext()
    known = {}

    def run(algorithm, **parameters):
        found, done = provider.algorithm(algorithm).create().run(
            parameters, context, QgsProcessingFeedback(), {}, False
        )  # fmt: skip
        assert done
        return found

    def assigned(name):
        if name not in known:
            source, stem = shared / "traffic" / name, NAMES[name]
            paths = {kind: str(folder / f"{stem}_{kind}.gpkg") for kind in ("links", "nodes")}
            run("loadtntp", net=str(source / f"{stem}_net.tntp"), **paths)
            made = run("assigntraffic", **paths, demand=str(source / f"{stem}_trips.tntp"), target_gap=1e-9,
                       flows=str(folder / f"{stem}_flows.gpkg"))  # fmt: skip
            arcs = {}
            for row in QgsVectorLayer(made["flows"], name, "ogr").getFeatures():
                ends = row["from_node"], row["to_node"]
                for way, pair in (("forward", ends), ("backward", ends[::-1])):
                    if isinstance(row[f"flow_{way}"], float):  # NULL where it is closed
                        flow, minutes = arcs.get(pair, (0.0, 0.0))
                        arcs[pair] = flow + row[f"flow_{way}"], row[f"time_{way}"]
            known[name] = arcs, made
        return known[name]

    yield assigned
    context.temporaryLayerStore().removeAllMapLayers()


@pytest.mark.parametrize("name", ["SiouxFalls", "Anaheim"])
def test_flows_are_those_that_were_published(flows_of, shared, name):
    arcs, made = flows_of(name)
    first, last, volumes, costs = read_flows(shared / "traffic" / name / f"{NAMES[name]}_flow.tntp")
    found = np.array([arcs[int(a), int(b)] for a, b in zip(first, last)])
    # unique, so that only the gap and the four digits of the layer differ: 0.01 percent
    assert np.sqrt(np.mean((found[:, 0] - volumes) ** 2)) < 1e-4 * np.sqrt(np.mean(volumes**2))
    np.testing.assert_allclose(found[:, 1], costs, rtol=1e-3, atol=1e-4)
    assert made["converged"] and made["vehicle_hours"] * 60 == pytest.approx(float(volumes @ costs), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_what_enters_a_node_leaves_it_or_ends_there(flows_of, shared, name):
    arcs, made = flows_of(name)
    zones, trips = read_trips(shared / "traffic" / name / f"{NAMES[name]}_trips.tntp")
    between = trips - np.diag(np.diag(trips))
    balance = {}
    for (start, end), (flow, _) in arcs.items():
        balance[end] = balance.get(end, 0.0) + flow
        balance[start] = balance.get(start, 0.0) - flow
    for row, zone in enumerate(zones):
        balance[int(zone)] = balance.get(int(zone), 0.0) - between[:, row].sum() + between[row].sum()
    # flows in the layer have four digits: some arcs at a node make 0.001
    assert max(abs(value) for value in balance.values()) < 2e-3
    assert made["without_route"] == 0.0
