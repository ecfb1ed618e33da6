"""Boreholes in GEF: their layers, soils and texts."""

import pytest

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.gef import GefSource
from tests.sources.gef.written import BORE, LAYERS, read, told


def test_a_borehole_has_soils_and_lithoclasses(gef):
    rows = ("0;1.5;-9999;'Kz3';'GR';'KSTV';!", "1.5;2;270;'Zs1';'BR';!", "2;2.5;0.11;'Zs1g1';!", "2.5;3;-9999;'NBE';!")
    logs = read(gef(LAYERS, rows, **BORE))
    assert logs.kind == "borehole" and logs.rows["soil"].tolist() == ["Kz3", "Zs1", "Zs1g1", "NBE"]
    assert logs.rows["lithoclass"].tolist() == [3, 6, 5, -1]
    assert logs.rows["sand_median"][1:3].tolist() == [270, 110]  # um, whatever the file says
    assert logs.rows["colour"].tolist() == ["GR", "BR", None, None] and logs.rows["remarks"][0] == "KSTV"


def test_separators_within_texts_do_not_cut_them(gef):
    logs = read(gef(LAYERS, ("0;1;-9999;'Kz3';'GR';'a;b!c';!",), **BORE))
    assert logs.rows["remarks"].tolist() == ["a;b!c"]


def test_layers_that_stand_on_their_head_are_left_out(gef):
    path = gef(LAYERS, ("0;1;0;'K';!", "2;1;0;'Z';!"), **BORE)
    assert len(read(path).rows["top"]) == 1 and "1 layers have no top above their bottom" in told(path)[0]


def test_a_text_without_end_is_refused(gef):
    rows = ("0;1;'Kz1';!", f"1;2;'{'x' * 200_000}';!")
    path = gef(
        columns=("m, top, 1", "m, bottom, 2"),
        rows=rows,
        more=("#COLUMNSEPARATOR= ;", "#RECORDSEPARATOR= !"),
        REPORTCODE="GEF-BORE-Report, 1, 0, 0",
    )
    with pytest.raises(FormatError, match="a.gef cannot be read as a table: field larger than field limit"):
        read(path)


def test_a_borehole_needs_layers(gef):
    with pytest.raises(FormatError, match="top and the bottom of its layers"):
        GefSource(gef(("m, top, 1", "mm, sand median, 8"), ("0;1;'K';!",), **BORE)).describe()
