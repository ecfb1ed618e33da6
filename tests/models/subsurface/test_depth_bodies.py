import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.quality.examine import examine
from dtwin_plugin.models.subsurface.depth_model import DEPTH_BODIES
from dtwin_plugin.progress import Silent

SQUARE = [(1, 1), (1, 3), (3, 3), (3, 1), (1, 1)]  # clockwise, as files may have it
HOLE = [(1.5, 1.5), (1.5, 2), (2, 2), (2, 1.5), (1.5, 1.5)]
SLOPE = Grid(np.tile(np.arange(5, dtype=float), (5, 1)), 0, 5, 1.0)  # 0 m NAP in the west to 4 in the east


def run(**values):
    defaults = {item.name: item.default for item in DEPTH_BODIES.inputs}
    return DEPTH_BODIES.run({**defaults, **values}, Silent())


def areas(**columns):
    return Features(Geometries.build("polygon", [[[SQUARE, HOLE]]]), {k: np.array([v]) for k, v in columns.items()})


def test_a_body_holds_the_lowest_and_the_highest_ground():
    found = run(areas=areas(), terrain=SLOPE, top=0.5, bottom=2.0)["outlines"].columns
    assert (found["bottom"][0], found["top"][0]) == (1 - 2.0, 3 - 0.5)  # corners stand on 1 and 3 m NAP


def test_a_field_goes_before_the_number_and_is_not_needed_for_all():
    two = Features(
        Geometries.points(np.array([[1.0, 1], [2, 2]])),
        {"deep": np.array([-9.0, np.nan]), "kind": np.array(["tree", None], object)},
    )
    found = run(points=two, datum="nap", top=-1.0, bottom=-3.0, bottom_field="deep", kind="pile")["outlines"].columns
    assert found["bottom"].tolist() == [-9, -3] and found["kind"].tolist() == ["tree", "pile"]


def test_a_round_outline_has_its_radius():
    found = run(points=Features(Geometries.points(np.array([[7.0, 8.0]]))), datum="nap", top=1, bottom=0, radius=2.0)
    ring = found["outlines"].geometries.coordinates
    assert np.hypot(*(ring - [7, 8]).T) == pytest.approx(2.0) and (ring[0] == ring[-1]).all()


def test_bodies_are_closed_and_face_outwards_by_the_own_examination_of_solids():
    surfaces = run(areas=areas(), datum="nap", top=1, bottom=0)["bodies"]
    assert len(surfaces) == 2 + 4 + 4
    assert examine(surfaces)[0].codes == []


@pytest.mark.parametrize(("values", "sentence"), [
    ({"datum": "ground"}, "need the height of the ground"),
    ({"datum": "nap", "top": 0, "bottom": 2}, "gets its top at 0.00 and its bottom at 2.00 m NAP"),
    ({"datum": "ground", "terrain": SLOPE.window(SLOPE.extent).like(np.full((5, 5), np.nan), "m", "")}, "at nan m NAP"),
    ({"datum": "nap", "top_field": "nothing"}, "no field nothing; found deep"),
    ({"datum": "nap", "areas": None}, "nothing to give a depth"),
])  # fmt: skip
def test_what_has_no_depth_is_one_sentence(values, sentence):
    with pytest.raises(InputError, match=sentence):
        run(**{"areas": areas(deep=1.0), **values})
