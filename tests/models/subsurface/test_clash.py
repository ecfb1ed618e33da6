import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.subsurface.clash_model import CLASH
from dtwin_plugin.models.subsurface.required import required
from dtwin_plugin.progress import Silent


def objects(values):
    result = np.empty(len(values), object)
    result[:] = values
    return result


def lines(heights, y=None, **columns):
    """Return straight lines of 10 m towards the east, each at a height [m NAP]."""
    ys = np.zeros(len(heights)) if y is None else y
    shapes = Geometries.build("line", [[[[(0, b, z), (10, b, z)]]] for z, b in zip(heights, ys)])
    return Features(shapes, {name: objects(values) for name, values in columns.items()})


def box(x, y, side, bottom, top, kind):
    ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    shapes = Geometries.build("polygon", [[[ring]]])
    return Features(shapes, {"bottom": np.array([bottom]), "top": np.array([top]), "kind": objects([kind])})


def run(**values):
    defaults = {item.name: item.default for item in CLASH.inputs}
    return CLASH.run({**defaults, **values}, Silent())


TABLE = {"planned": ["*"], "present": ["*"], "distance": [0.5]}
SURE = {"xy_uncertainty": [0.0], "z_uncertainty": [0.0]}


@pytest.mark.parametrize(("height", "doubt", "outcome"), [
    (-1.0, 0.0, "clash"),  # in the crate, which is from -2 to -1
    (-0.6, 0.0, "too close"),  # 0.4 above it
    (-0.4, 0.3, "uncertain"),  # 0.6 above it, 0.3 at the least
    (-0.4, 0.0, "free"),  # 0.6 above it, 0.5 at the least with the tolerance of the plan
    (np.nan, 0.0, "uncertain"),  # may be anywhere
])  # fmt: skip
def test_the_outcome_follows_from_both_distances(height, doubt, outcome):
    cable = lines([height], theme=["water"], diameter=[0.0], xy_uncertainty=[0.0], z_uncertainty=[doubt])
    found = run(
        planned_areas=box(4, -1, 2, -2.0, -1.0, "crate"),
        present_lines=cable,
        distances=TABLE,
        planned_z=0.1,
        planned_xy=0.0,
    )
    assert found["planned_areas_outcome"].columns["outcome"].tolist() == [outcome]
    assert [found[name] for name in ("free", "uncertain", "too_close", "clash")].index(1) == [
        "free", "uncertain", "too close", "clash"].index(outcome)  # fmt: skip


@pytest.mark.parametrize("source", ["assumed", "standard"])
@pytest.mark.parametrize("height", [0.0, -5.0, -50.0])
def test_a_line_of_assumed_depth_is_never_free_within_its_uncertainty(source, height):
    crate = box(4, -1, 2, -2.0, -1.0, "crate")
    stated = lines([height], theme=["water"], z_source=[source], z_uncertainty=[None], xy_uncertainty=[0.0])
    zero = lines([height], theme=["water"], z_source=[source], z_uncertainty=[0.0], xy_uncertainty=[0.0])
    for cable in (stated, zero):  # no uncertainty, or one that cannot be true
        assert run(planned_areas=crate, present_lines=cable, distances=TABLE)["uncertain"] == 1
    reach = abs(height + 1.5)
    enough = lines([height], theme=["water"], z_source=[source], z_uncertainty=[reach], xy_uncertainty=[0.0])
    assert run(planned_areas=crate, present_lines=enough, distances=TABLE)["free"] == 0


def test_a_thing_that_states_a_height_but_no_uncertainty_of_it_is_where_it_is_drawn():
    crate = box(4, -1, 2, -2.0, -1.0, "crate")
    deep, around = (box(3, -2, 4, bottom, bottom + 3, "carpark") for bottom in (-30.0, -3.0))
    assert run(planned_areas=crate, present_areas=deep)["free"] == 1
    assert run(planned_areas=crate, present_areas=around)["clash"] == 1
    pipe = lines([-1.5], theme=["water"], diameter=[100.0])
    assert run(planned_areas=crate, present_lines=pipe)["clash"] == 1
    assumed = lines([-1.5], theme=["water"], diameter=[100.0], z_source=["assumed"])
    found = run(planned_areas=crate, present_lines=assumed)  # drawn in it, wherever it lies
    assert found["clash"] == 1 and found["conflicts"].columns["distance"].tolist() == [0.0]
    above = lines([-0.5], theme=["water"], diameter=[0.0])
    for reach, outcome in ((0.0, "free"), (0.3, "uncertain")):
        found = run(planned_areas=crate, present_lines=above, present_z=reach, distances={**TABLE, "distance": [0.4]})
        assert found[outcome] == 1


def test_a_diameter_is_in_millimetres_and_both_count():
    pipe = lines([0.0], theme=["water"], diameter=[400.0], **SURE)
    mine = lines([1.0], kind=["pipe"], diameter=[600.0], **SURE)
    found = run(
        planned_lines=mine, present_lines=pipe, distances={**TABLE, "distance": [9.0]}, planned_xy=0, planned_z=0
    )
    assert found["conflicts"].columns["distance"].tolist() == pytest.approx([0.5])


def test_a_line_that_states_no_diameter_is_not_thin():
    pipe, mine = lines([0.0], theme=["water"], diameter=[None], **SURE), lines([1.0], kind=["pipe"], **SURE)
    values = {"planned_lines": mine, "distances": {**TABLE, "distance": [9.0]}, "planned_xy": 0, "planned_z": 0}
    found = run(present_lines=pipe, present_diameter=600.0, **values)
    assert found["conflicts"].columns["distance"].tolist() == pytest.approx([0.7])  # the plan itself has no width


def test_a_pair_is_told_once_with_its_evidence_and_the_worst_decides():
    present = lines(
        [-3.0, -1.4],
        y=[0.0, 0.1],
        id=["far", "hit"],
        theme=["warmte", "water"],
        diameter=[0, 0],
        xy_uncertainty=[0, 0],
        z_uncertainty=[0, 0],
    )
    found = run(
        planned_areas=box(4, -1, 2, -2.0, -1.0, "crate"), present_lines=present, distances={**TABLE, "distance": [2.0]}
    )
    columns = found["conflicts"].columns
    assert dict(zip(columns["present"], columns["outcome"])) == {"far": "too close", "hit": "clash"}
    assert found["planned_areas_outcome"].columns["outcome"].tolist() == ["clash"]
    assert found["planned_areas_outcome"].columns["conflicts"].tolist() == [2]
    shapes = found["conflicts"].geometries.coordinates.reshape(-1, 2, 3)
    length = np.linalg.norm(shapes[:, 0] - shapes[:, 1], axis=1)
    assert length == pytest.approx(columns["distance"], abs=1e-8)
    assert found["summary"] == {"theme": ["warmte", "water"], "clash": [0, 1], "too_close": [1, 0], "uncertain": [0, 0]}


def test_what_is_there_without_a_kind_is_other():
    park = box(3, -2, 4, -3.0, 0.0, "")
    found = run(planned_areas=box(4, -1, 2, -2.0, -1.0, "crate"), present_areas=park)
    assert found["conflicts"].columns["theme"].tolist() == ["other"]
    park = Features(park.geometries, {name: park.columns[name] for name in ("bottom", "top")})
    found = run(planned_areas=box(4, -1, 2, -2.0, -1.0, "crate"), present_areas=park)
    assert found["summary"]["theme"] == ["other"]


def test_the_table_goes_from_the_pair_to_all():
    table = required(
        {"planned": ["*", "tree", "*", "tree"], "present": ["*", "*", "water", "water"], "distance": [1, 2, 3, 4]}
    )
    assert [table.distance(*pair) for pair in (("tree", "water"), ("tree", "x"), ("y", "water"), ("y", "x"))] == [
        4,
        2,
        3,
        1,
    ]


def test_the_table_that_ships_is_whole():
    table = required()
    assert table.distance("tree", "gasHogeDruk") > table.distance("cable", "water") > 0


@pytest.mark.parametrize("distance", ["far", -1, 101, None, float("nan")])
def test_a_distance_that_cannot_be_is_refused(distance):
    with pytest.raises(InputError, match="expected a number from 0 to 100 m"):
        required({"planned": ["a"], "present": ["b"], "distance": [distance]})


def test_nothing_in_the_ground_leaves_all_free():
    found = run(planned_areas=box(0, 0, 1, 0.0, 1.0, "tree"))
    assert found["free"] == 1 and len(found["conflicts"]) == 0


def test_a_layer_without_depths_is_refused():
    flat = Features(Geometries.build("polygon", [[[[(0, 0), (1, 0), (1, 1), (0, 0)]]]]))
    with pytest.raises(InputError, match="no column bottom"):
        run(planned_areas=flat)


def test_an_uncertainty_that_is_no_number_counts_as_not_stated():
    crate = box(4, -1, 2, -2.0, -1.0, "crate")
    found = [
        run(planned_areas=crate, present_lines=lines([-0.4], theme=["water"], z_uncertainty=[value]), distances=TABLE)
        for value in ("unknown", None)
    ]
    names = ("free", "uncertain", "too_close", "clash")
    assert [found[0][name] for name in names] == [found[1][name] for name in names]
