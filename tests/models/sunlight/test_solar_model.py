"""The model of radiation on roofs as it is called: a house with a saddle roof, a plan beside it, hostile layers."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight.climate import DE_BILT
from dtwin_plugin.models.sunlight.fields import place_of
from dtwin_plugin.models.sunlight.radiation import best, mean_year, on_planes, plane
from dtwin_plugin.models.sunlight.solar_model import SOLAR_ROOFS
from dtwin_plugin.progress import Silent

X, Y = 140_000.0, 456_000.0
PAND = "NL.IMBAG.Pand.0363100012061234"
SLOPE = np.degrees(np.arctan(0.75))


def ground(height=1.0, side=200):
    return Grid(np.full((side, side), height), X, Y + side / 2, 0.5, unit="m")


def ring(*corners):
    return [[[(X + x, Y + y, z) for x, y, z in (*corners, corners[0])]]]


def house(rows=None):
    """A saddle roof of 10 by 8 m over walls of 5 m, a flat roof of 4 by 4 m, and a wall."""
    shapes = [
        ring((40, 40, 6), (50, 40, 6), (50, 44, 9), (40, 44, 9)),
        ring((40, 44, 9), (50, 44, 9), (50, 48, 6), (40, 48, 6)),
        ring((60, 40, 4), (64, 40, 4), (64, 44, 4), (60, 44, 4)),
        ring((40, 40, 1), (50, 40, 1), (50, 40, 6), (40, 40, 6)),
    ]
    columns = {
        "id": column([f"{PAND}-0", f"{PAND}-0", "shed", f"{PAND}-0"]),
        "parent": column([PAND, PAND, None, PAND]),
        "lod": column(["2.2"] * 4),
        "surface": column(["RoofSurface"] * 3 + ["WallSurface"]),
    }
    return Features(Geometries.build("polygon", shapes), {**columns, **(rows or {})})


def block(left, bottom, right, top, high):
    return Features(Geometries.build("polygon", [ring((left, bottom, high), (right, bottom, high), (right, top, high),
                                                      (left, top, high))]))  # fmt: skip


def run(buildings=None, **given):
    values = {field.name: field.default for field in SOLAR_ROOFS.inputs}
    values.update(buildings=house() if buildings is None else buildings, surface=ground(), **given)
    return SOLAR_ROOFS.run(values, Silent())


def test_roofs_get_what_their_planes_get_and_only_roofs_are_told():
    made = run()
    roofs = made["roofs"].columns
    assert len(made["roofs"]) == 3 and roofs["building"].tolist() == [PAND, PAND, "shed"]
    assert roofs["area"].tolist() == [50, 50, 16] and roofs["slope"] == pytest.approx([SLOPE, SLOPE, 0], abs=0.05)
    assert roofs["faces"][:2].tolist() == [180, 0] and np.isnan(roofs["faces"][2])
    year = mean_year(DE_BILT, place_of(ground()))
    free = on_planes(year, plane([SLOPE, SLOPE, 0], [180, 0, 0])).sum(axis=1)
    # nothing stands higher on the saddle roof; the shed looks at a ridge 5 m above it at 10 m and more to the west
    assert roofs["radiation"][:2] == pytest.approx(free[:2], rel=2e-3)  # the sky is summed in sectors
    assert roofs["shade_loss"][:2] == pytest.approx([0, 0], abs=0.2)
    assert 0.1 < roofs["shade_loss"][2] < 5 and roofs["radiation"][2] < sum(DE_BILT)
    assert roofs["sun_class"].tolist() == ["very good", "poor", "good"]


def test_faces_that_a_layer_has_in_one_feature_are_told_apart():
    """As loads of buildings write it: all roofs of an object in one feature, and its walls in another."""
    single = house()
    south, north, shed, wall = ([single.geometries.coordinates[5 * row : 5 * row + 5].tolist()] for row in range(4))
    shapes = Geometries.build("polygon", [[south, north], [shed], [wall]])
    rows = {name: values[[0, 2, 3]] for name, values in single.columns.items()}
    made, expected = run(Features(shapes, rows)), run()
    assert len(made["roofs"]) == 3 and made["roofs"].columns["building"].tolist() == [PAND, PAND, "shed"]
    for name in ("radiation", "slope", "area", "pv_yield"):
        assert made["roofs"].columns[name].tolist() == expected["roofs"].columns[name].tolist(), name
    assert made["totals"] == expected["totals"]


def test_the_yield_is_that_of_the_suitable_area():
    made = run(cover=0.5, efficiency=22.0, performance=0.85)
    roofs = made["roofs"].columns
    assert roofs["usable"].tolist() == [50, 0, 16]
    expected = roofs["radiation"] * roofs["usable"] * 0.5 * 0.22 * 0.85
    assert roofs["pv_yield"] == pytest.approx(expected, abs=1)  # kWh: it is rounded to 1
    assert made["yearly_yield"] == pytest.approx(expected.sum(), abs=2)
    totals = made["totals"]
    assert totals["building"] == [PAND, "shed"] and totals["area"] == [100, 16] and totals["usable"] == [50, 16]
    assert totals["radiation"][0] == pytest.approx(roofs["radiation"][:2].mean(), abs=0.1)
    assert run(usable=40.0)["roofs"].columns["usable"].tolist() == [50, 50, 16]
    assert run(usable=100.0)["yearly_yield"] == 0


def test_months_sum_to_the_year_and_more_light_is_more():
    made = run()
    months, roofs = made["months"], made["roofs"].columns
    assert months["horizontal"] == pytest.approx(DE_BILT)
    mean = (roofs["radiation"] * roofs["area"]).sum() / roofs["area"].sum()
    assert sum(months["roofs"]) == pytest.approx(mean, abs=0.2)  # each month is rounded
    assert all(shade <= free + 0.2 for shade, free in zip(months["roofs"], months["free"]))
    double = run(monthly="; ".join(str(1.1 * month) for month in DE_BILT))["roofs"].columns["radiation"]
    assert (double > 1.05 * roofs["radiation"]).all()


def test_a_plan_takes_sun_from_roofs_north_of_it_and_the_loss_is_told():
    made = run(plan=block(35, 20, 55, 36, 30.0))
    roofs = made["roofs"].columns
    assert roofs["lost"][0] > 20 and roofs["radiation_after"][0] < 0.8 * roofs["radiation"][0]
    assert roofs["lost"][0] > roofs["lost"][2] >= 0
    assert "radiation_after" not in run()["roofs"].columns


def test_crowns_shade_roofs_and_must_lie_on_the_cells():
    crowns = ground(np.nan)
    crowns.values[150:160, 60:120] = 20.0  # 5 m before the house, in the south
    free, veiled = (run(crowns=crowns, transmissivity=share)["roofs"].columns["radiation"] for share in (1.0, 0.0))
    assert veiled[0] < 0.9 * free[0]
    with pytest.raises(InputError, match="not on the cells of the surface"):
        run(crowns=ground(side=20))


def test_roofs_beside_the_surface_are_not_known_and_upright_ones_neither():
    shapes = [
        ring((40, 40, 6), (50, 40, 6), (50, 44, 9), (40, 44, 9)),
        ring((400, 40, 6), (410, 40, 6), (410, 44, 9), (400, 44, 9)),
        ring((40, 40, 1), (50, 40, 1), (50, 40, 6), (40, 40, 6)),
    ]
    rows = {"id": column(["a", "b", "c"]), "surface": column(["RoofSurface"] * 3)}
    made = run(Features(Geometries.build("polygon", shapes), rows))
    roofs, totals = made["roofs"].columns, made["totals"]
    assert np.isnan(roofs["radiation"][1:].astype(float)).all() and roofs["radiation"][0] > 1000
    assert np.isnan(roofs["usable"][1:].astype(float)).all() and roofs["sun_class"].tolist()[1:] == [None, None]
    assert totals["building"] == ["a", "b", "c"] and totals["energy"][1:] == [None, None]
    assert made["yearly_yield"] > 0


@pytest.mark.parametrize(
    "rows, reason",
    [
        ({"surface": column(["WallSurface"] * 4)}, "has no roofs"),
        ({"lod": column(["1.2", "2.2", "2.2", "2.2"])}, "more than one level of detail: 1.2, 2.2"),
    ],
)
def test_layers_without_roofs_of_their_own_are_refused(rows, reason):
    with pytest.raises(InputError, match=reason):
        run(house(rows))


def test_layers_that_are_no_surfaces_are_refused():
    far = house()
    flat = Features(
        Geometries.build("polygon", [[[[(X, Y), (X + 9, Y), (X + 9, Y + 9), (X, Y)]]]]), {"id": column(["a"])}
    )
    with pytest.raises(InputError, match="no heights"):
        run(flat)
    with pytest.raises(InputError, match="no field id"):
        run(Features(far.geometries, {"surface": far.columns["surface"]}))
    away = Features(
        Geometries.build("polygon", [ring((900, 0, 6), (910, 0, 6), (910, 4, 9), (900, 4, 9))]),
        {"id": column(["a"]), "surface": column(["RoofSurface"])},
    )
    with pytest.raises(InputError, match="beside the surface"):
        run(away)


def test_the_best_plane_is_the_measure_of_a_class():
    year = mean_year(DE_BILT, place_of(ground()))
    share = run()["roofs"].columns["radiation"].astype(float) / best(year)
    assert share[0] > 0.99 and 0.5 < share[1] < 0.6 and 0.8 < share[2] < 0.87
