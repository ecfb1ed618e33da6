"""What was measured, in words and numbers."""

import numpy as np
import pytest
from qgis.PyQt.QtCore import QLocale

from dtwin_plugin.data import Grid
from dtwin_plugin.data.relief import Relief

X, Y = 112_000.0, 460_000.0


@pytest.fixture
def dutch(qgis_app):
    before = QLocale()
    QLocale.setDefault(QLocale("nl"))
    yield
    QLocale.setDefault(before)


def rows(group):
    return dict(group.rows)


def test_a_way_is_told_in_all_and_in_parts_with_a_decimal_comma_in_dutch(dutch):
    from dtwin_plugin.gui.view3d.measured import way_facts

    total, first, second, places = way_facts([(X, Y, 0), (X + 30, Y + 40, 5), (X + 30, Y + 40, 0)])
    assert rows(total)["Length in space"] == "55,25 m" and rows(total)["Height difference"] == "0,00 m"
    assert rows(first)["Slope"] == "5,7° (10,0 %)" and rows(second)["Slope"] == "-90,0°"
    assert rows(places)["1"].endswith("0,00 m NAP") and len(places.rows) == 3
    assert [group.title for group in way_facts([(X, Y, 0)])] == ["Places"] and way_facts([]) == []


def test_an_area_says_when_it_is_none_and_when_it_is_not_flat(qgis_app):
    from dtwin_plugin.gui.view3d.measured import area_facts

    square = [(X, Y, 0.0), (X + 4, Y, 0.0), (X + 4, Y + 4, 0.0), (X, Y + 4, 0.0)]
    assert rows(area_facts(square)[0])["On the map"] == "16.00 m²" and "Not flat" not in rows(area_facts(square)[0])
    bent = [*square[:2], (X + 4, Y + 4, 1.0), square[3]]
    assert "Not flat" in rows(area_facts(bent)[0])
    crossed = [square[0], square[2], square[1], square[3]]
    assert list(rows(area_facts(crossed)[0])) == ["Not known"]


def test_a_height_is_above_the_ground_where_that_is_known(qgis_app):
    from dtwin_plugin.gui.view3d.measured import height_facts

    relief = Relief(Grid(np.full((4, 4), -1.5), X, Y + 4, 1.0))
    assert rows(height_facts([(X + 2, Y + 2, 6.25)], relief)[0])["Above the ground"] == "7.75 m"
    assert list(rows(height_facts([(X + 90, Y, 6.25)], relief)[0])) == ["Ground"]
