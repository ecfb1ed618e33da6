"""Faults of rings, polygons, shells and solids, each made by hand, under the codes of val3dity."""

import json
import re

import numpy as np
import pytest

from dtwin_plugin.data import Surfaces
from dtwin_plugin.errors import Cancelled, FormatError
from dtwin_plugin.models.quality import Tolerances, examine
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.cityjson import CityJsonSource, surfaces_of
from scripts.validate import quality
from scripts.validate.quality_cases import (
    COMPOSITES,
    FAULTS,
    INNER_SHELLS,
    PARTS,
    ROOF,
    box,
    carrier,
    composite,
    hole,
    hollow,
    not_closed,
    parts,
    top,
)


def codes(shells, tolerances=None, **options):
    found, _ = examine(carrier(shells, **options), tolerances)
    return sorted(set(found.codes))


def solid(faces, kind="Solid"):
    return codes([(0, kind, 0, 0, 0, faces)])


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_has_its_code_and_no_other(code):
    assert solid(FAULTS[code]) == [code]


@pytest.mark.parametrize("faces", [box(), box((84_000, 447_000, -6), (84_010, 447_008.5, 3.25))])
def test_a_right_solid_has_none(faces):
    assert solid(faces) == []


def test_an_edge_of_four_polygons_is_no_manifold():
    assert solid([*box(), *box((1, 1, 0), (2, 2, 1))]) == ["303"]


def test_a_hole_that_another_polygon_fills_is_right_also_where_it_touches_the_outline():
    for corners in (hole((0.2, 0.2), (0.8, 0.8)), [(0, 0, 1), (0.2, 0.8, 1), (0.8, 0.8, 1)]):
        assert solid([*top(ROOF, corners), [corners[::-1]]]) == []


def test_a_collapsed_triangle_is_a_line():
    assert solid(top([(0, 0, 1), (0.5, 0, 1), (1, 0, 1)])) == ["104"]


def test_a_ring_that_is_not_closed():
    assert set(examine(not_closed())[0].codes) == {"103"}


def test_a_coordinate_that_is_no_number_is_a_finding_at_a_finite_place():
    found, _ = examine(carrier([(0, "Solid", 0, 0, 0, top([(0, 0, np.nan), (1, 0, 1), (1, 1, np.inf)]))]))
    assert found.codes == ["999"] and np.isfinite(found.all_xyz()).all()


def test_loose_surfaces_need_not_bound_a_body():
    assert solid(box(leave=(0, 1)), "MultiSurface") == []
    assert solid(box(leave=(0, 1)), "CompositeSurface") == []
    assert solid(box(turn=(2,)), "CompositeSurface") == ["307"]


def test_tolerances_are_as_asked():
    bent = top([(0, 0, 1), (1, 0, 1), (1, 1, 1.1), (0, 1, 1)])
    assert "203" not in codes([(0, "Solid", 0, 0, 0, bent)], Tolerances(plane=0.2))
    assert codes([(0, "Solid", 0, 0, 0, [*box(leave=(1,)), [[(x, y, 1.004) for x, y, _ in ROOF]]])]) != []
    assert (
        codes([(0, "Solid", 0, 0, 0, [*box(leave=(1,)), [[(x, y, 1.004) for x, y, _ in ROOF]]])], Tolerances(0.005))
        == []
    )


@pytest.mark.parametrize(("points", "expected"), [shape[1:] for shape in INNER_SHELLS])
def test_inner_shells(points, expected):
    assert set(examine(hollow(points))[0].codes) == set(filter(None, [expected]))


@pytest.mark.parametrize(("second", "expected"), [shape[1:] for shape in COMPOSITES])
def test_composite_solids(second, expected):
    assert set(examine(composite(second))[0].codes) == set(filter(None, [expected]))
    assert examine(composite(second, "MultiSolid"))[0].codes == []  # these may do as they please


@pytest.mark.parametrize(("shift", "expected"), PARTS)
def test_parts_of_a_building_overlap_by_more_than_the_tolerance(shift, expected):
    assert set(examine(parts(shift))[0].codes) == set(filter(None, [expected]))
    assert examine(parts(shift, ("b", "c")))[0].codes == []


def test_places_are_in_the_coordinates_of_the_layer():
    found, mesh = examine(carrier([(0, "Solid", 0, 0, 0, box((84_000, 447_000, 1), (84_001, 447_001, 2), leave=(1,)))]))
    assert (found.all_xyz() + mesh.origin)[0] == pytest.approx((84_000.5, 447_000.5, 2), abs=0.51)


def test_a_ring_of_thousands_of_points_is_examined_in_no_time():
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    wave = 10 + np.cos(angle * 40)
    ring = [(wave[k] * np.cos(a), wave[k] * np.sin(a), 0.0) for k, a in enumerate(angle)]
    assert solid([[ring]], "MultiSurface") == []
    ring[10], ring[20] = ring[20], ring[10]
    assert solid([[ring]], "MultiSurface") == ["104"]


def test_a_crowd_of_points_in_one_place_does_not_fill_the_memory():
    ring = [(k % 7 * 1e-5, k % 11 * 1e-5, 0.0) for k in range(3000)]
    assert solid([[ring]], "MultiSurface")


def test_a_case_of_a_file_is_examined_with_its_tolerances(shared):
    case = {"case": "a", "file": "csol.json", "expected": ["102"]}
    (row,) = quality.case_rows(case, shared / "cityjson" / "val3dity")
    assert row["ok"] and row["got"] == "102"
    (row,) = quality.case_rows({**case, "expected": []}, shared / "cityjson" / "val3dity")
    assert not row["ok"] and row["expected"] == "right"
    with pytest.raises(FormatError, match="does not exist"):
        list(quality.case_rows({**case, "file": "no.json"}, shared))
    with pytest.raises(FormatError, match="is not as expected"):
        list(quality.case_rows({**case, "tolerances": {"plain": 1}}, shared))


def test_a_file_of_objects_without_geometry_has_no_faults(tmp_path):
    city = {"type": "CityJSON", "version": "2.0", "transform": {"scale": [1, 1, 1], "translate": [0, 0, 0]},
            "CityObjects": {"a": {"type": "Building"}}, "vertices": []}  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(city))
    (row,) = quality.case_rows({"case": "a", "file": "a.json", "expected": []}, tmp_path)
    assert row["ok"] and row["got"] == "right"


def test_nothing_is_right():
    found, mesh = examine(carrier([(0, "Solid", 0, 0, 0, box())]).take(np.empty(0, np.int64)))
    assert not found.codes and not len(mesh)


def test_the_user_can_stop():
    class Stop(Silent):
        def is_cancelled(self):
            return True

    with pytest.raises(Cancelled):
        examine(carrier([(0, "Solid", 0, 0, 0, box())]), progress=Stop())


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("501.json", {"501"}),
        ("601.json", {"601"}),
        ("cube10.json", {"302"}),  # its bottom is missing
        ("cube_v10.city.json", set()),
        ("cube_v11.city.json", set()),
        ("csol.json", {"102"}),  # a ring has vertex 14 twice
        ("msol.json", set()),
        ("nonmanifold.json", {"302", "303"}),  # two holes that meet at a point
        ("several_lods_valid.json", set()),
        ("torus.city.json", set()),
    ],
)
def test_files_of_val3dity(shared, file, expected):
    document = json.loads((shared / "cityjson" / "val3dity" / file).read_text())
    surfaces = surfaces_of(document["CityObjects"], document["vertices"], document.get("transform"))
    assert set(examine(surfaces)[0].codes) == expected


@pytest.mark.parametrize(("lod", "alike"), [("1.2", 100), ("1.3", 100), ("2.2", 97)])
def test_3dbag_says_the_same_of_its_buildings(shared, lod, alike):
    """Three buildings that 3DBAG calls right have a point twice in the file, which it rounded after its test."""
    source = CityJsonSource(shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl", lod=lod)
    surfaces = Surfaces.concatenate(list(source.read()))
    found, mesh = examine(surfaces)
    wrong = set(mesh.shells.row[found.all_shells()].tolist())
    said = surfaces.columns[f"b3_val3dity_lod{lod.replace('.', '')}"]
    same = [bool(re.findall(r"\d+", str(codes))) == (row in wrong) for row, codes in enumerate(said)]
    assert sum(same) == alike and len(same) == 100


@pytest.mark.parametrize("lod", ["1.3", "2.2"])
def test_compiled_loops_find_the_same(shared, monkeypatch, lod):
    kernels = pytest.importorskip("dtwin_plugin.models.quality.kernels")
    source = CityJsonSource(shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl", lod=lod)
    surfaces = Surfaces.concatenate(list(source.read()))
    made = []
    for module in (kernels, None):
        for name in ("boxes", "inside", "polygons"):
            monkeypatch.setattr(f"dtwin_plugin.models.quality.{name}.compiled", lambda _, found=module: found)
        made.append(examine(surfaces)[0])
    fast, plain = made
    assert fast.codes == plain.codes
    assert np.array_equal(fast.all_shells(), plain.all_shells()) and np.array_equal(fast.all_xyz(), plain.all_xyz())


def test_a_wall_with_a_corner_almost_in_its_edge_has_no_fold():
    """Of a wall in Vienna: the corners at 7.789 lie 0.1 mm off the line of their neighbours, outside the polygon."""
    wall = [(7.789, 0.615, 0.57), (7.865, 0.611, 0.57), (7.865, 0.611, 22.896)]
    wall += [(7.789, 0.615, 22.896), (0.78, 1.0, 22.895), (0.78, 1.0, 0.57)]
    assert solid([[wall]], "MultiSurface") == []
