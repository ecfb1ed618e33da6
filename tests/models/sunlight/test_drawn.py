"""A plan that was drawn on the map, against the same plan in space."""

import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Grid
from dtwin_plugin.data.columns import column
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.sunlight.drawn import standing
from dtwin_plugin.models.sunlight.fields import surfaces_of


def outline(**columns):
    ring = [(10.0, 10.0), (20.0, 10.0), (20.0, 16.0), (10.0, 16.0), (10.0, 10.0)]
    return Features(Geometries.build("polygon", [[[ring]]]), {key: column([value]) for key, value in columns.items()})


def values(plan, **given):
    ground = Grid(np.full((40, 40), 2.0), 0.0, 40.0, 1.0, unit="m")
    return {"surface": ground, "terrain": None, "buildings": None, "removed": None, "plan": plan, **given}


def terrain(height):
    return Grid(np.full((40, 40), height), 0.0, 40.0, 1.0, unit="m")


def test_an_outline_with_a_height_stands_on_the_terrain():
    _, later = surfaces_of(values(outline(height=12.0), terrain=terrain(2.0)))
    assert (later.values == 14).sum() == 60  # 10 by 6 m, in cells of 1 m
    assert (later.values == 2).sum() == 40 * 40 - 60


def test_the_field_base_goes_before_the_terrain():
    _, later = surfaces_of(values(outline(height=12.0, base=5.0), terrain=terrain(2.0)))
    assert later.values.max() == 17


def test_the_surface_is_the_ground_where_buildings_are_given_apart():
    roof = [(30, 30, 9), (34, 30, 9), (34, 34, 9), (30, 34, 9), (30, 30, 9)]
    buildings = Features(Geometries.build("polygon", [[[roof]]]))
    _, later = surfaces_of(values(outline(height=12.0), buildings=buildings))
    assert sorted(set(later.values.ravel().tolist())) == [2, 9, 14]


def test_surfaces_in_space_stay_what_they_are():
    roof = [(30, 30, 9), (34, 30, 9), (34, 34, 9), (30, 34, 9), (30, 30, 9)]
    plan = Features(Geometries.build("polygon", [[[roof]]]))
    assert standing(values(plan)) is plan


def test_a_block_on_ground_that_is_not_known_is_refused():
    with pytest.raises(InputError, match="the ground that it stands on is not known"):
        standing(values(outline(height=12.0)))  # of a surface with trees and houses it may be the top of one
    with pytest.raises(InputError, match="has no base"):
        standing(values(outline(height=12.0), terrain=terrain(np.nan)))


def test_an_outline_without_a_height_is_told_what_it_lacks():
    with pytest.raises(InputError, match="no field height: it would throw no shadow"):
        standing(values(outline(hoogte=12.0), terrain=terrain(2.0)))
    with pytest.raises(InputError, match="has height"):
        standing(values(outline(height=np.nan), terrain=terrain(2.0)))
