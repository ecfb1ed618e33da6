import math
import re

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries, Grid
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Field, Model
from dtwin_plugin.models.checks import check, require
from dtwin_plugin.models.codes import CODES
from dtwin_plugin.models.problem import ERROR, WARNING, Problem

TERRAIN = Field("terrain", "Terrain", "grid", "m")
TABLE = Field("series", "Series", "table", columns={"minutes": "min", "rain": "mm"})


def grid(values=((1.0, 2.0), (3.0, 4.0)), x_min=0.0, crs="EPSG:28992"):
    return Grid(np.array(values), x_min, 2, 1, crs)


def points(count, x=0.0, crs="EPSG:28992"):
    return Features(Geometries.points(np.full((count, 2), x)), crs=crs)


def found(field_or_fields, more=lambda values: iter(()), **values):
    """Return the problems of a model with these inputs."""
    fields = field_or_fields if isinstance(field_or_fields, tuple) else (field_or_fields,)
    return check(Model("m", "1", "M", "G", "S.", fields, (), run=lambda v, p: {}, check=more), values)


def codes(*arguments, **values):
    return [problem.code for problem in found(*arguments, **values)]


def test_what_is_right_gives_no_problem():
    assert codes((TERRAIN, TABLE), terrain=grid(), series={"minutes": [0, 5], "rain": [0, 3]}) == []


def test_a_required_input_that_is_absent_is_missing():
    assert codes(TERRAIN) == ["DT001"]


def test_an_optional_input_may_be_absent():
    assert codes(Field("terrain", "Terrain", "grid", optional=True), terrain=None) == []


@pytest.mark.parametrize("value", [-0.01, 10.01, math.nan, math.inf])
@pytest.mark.parametrize("kind", ["number", "integer"])
def test_a_number_outside_its_limits_is_found(kind, value):
    assert codes(Field("n", "N", kind, minimum=0, maximum=10), n=value) == ["DT002"]


@pytest.mark.parametrize("value", [0, 10])
def test_a_number_may_touch_its_limits(value):
    assert codes(Field("n", "N", "number", minimum=0, maximum=10), n=value) == []


def test_a_number_without_limits_may_be_any():
    assert codes(Field("n", "N", "number"), n=-1e300) == []


def test_a_choice_must_be_on_the_list():
    (problem,) = found(Field("c", "Edges", "choice", choices={"open": "O", "closed": "C"}), c="ajar")
    assert problem.text() == "DT003 Edges is ajar; expected one of open, closed."


@pytest.mark.parametrize("kind", ["features", "surfaces"])
def test_an_empty_layer_is_a_warning(kind):
    (problem,) = found(Field("f", "Buildings", kind), f=points(0))
    assert (problem.code, problem.level) == ("DT004", WARNING)


def test_a_raster_without_any_data_stops_the_run():
    (problem,) = found(TERRAIN, terrain=grid([[math.nan]]))
    assert (problem.code, problem.level) == ("DT005", ERROR)


def test_a_raster_with_holes_is_a_warning_that_says_how_much():
    (problem,) = found(TERRAIN, terrain=grid([[1, math.nan, 3, 4]]))
    assert (problem.code, problem.level) == ("DT010", WARNING)
    assert "25.0%" in problem.text()


@pytest.mark.parametrize("crs", ["EPSG:4326", "local", ""])
def test_a_layer_in_another_crs_is_found(crs):
    both = (TERRAIN, Field("f", "Buildings", "features"))
    assert codes(both, terrain=grid(crs=crs), f=points(1, crs=crs)) == ["DT006", "DT006"]


@pytest.mark.parametrize(
    "one, other, expected",
    [
        ("EPSG:2154", "EPSG:2154", []),
        ("EPSG:2154", "EPSG:28992", ["DT006"]),
        ("EPSG:28992", "EPSG:2154", ["DT006"]),
        ("EPSG:4326", "EPSG:4326", ["DT006", "DT006"]),
        ("EPSG:3857", "EPSG:3857", ["DT006", "DT006"]),
        ("local", "local", ["DT006", "DT006"]),
    ],
)
def test_a_model_of_any_system_takes_one_in_metres_for_all_layers(one, other, expected):
    both = (TERRAIN, Field("f", "Buildings", "features"))
    anywhere = Model("m", "1", "M", "G", "S.", both, (), run=lambda v, p: {}, any_crs=True)
    problems = check(anywhere, {"terrain": grid(crs=one), "f": points(1, crs=other)})
    assert [problem.code for problem in problems] == expected
    assert all(("EPSG:2154" in problem.text()) == ("EPSG:2154" in (one, other)) for problem in problems)


def test_rd_with_heights_is_rd():
    assert codes(TERRAIN, terrain=grid(crs="EPSG:7415")) == []


@pytest.mark.parametrize(
    "value",
    [{"minutes": [0]}, {"minutes": [0, 5], "rain": [0]}, {"minutes": [], "rain": []}, {"rain": [1], "time": [1]}],
)
def test_a_table_needs_its_columns_of_one_length(value):
    assert codes(TABLE, series=value) == ["DT007"]


def test_layers_apart_do_not_overlap():
    assert codes((TERRAIN, Field("f", "B", "features")), terrain=grid(), f=points(1, 99.0)) == ["DT008"]


def test_an_area_apart_from_the_layers_does_not_overlap():
    fields = (TERRAIN, Field("area", "Area", "extent"))
    assert codes(fields, terrain=grid(), area=Extent(50, 50, 60, 60)) == ["DT008"]


def test_overlap_is_looked_at_where_a_raster_has_holes_too():
    fields = (TERRAIN, Field("f", "B", "features"))
    assert codes(fields, terrain=grid([[1, math.nan]]), f=points(1, 99.0)) == ["DT008", "DT010"]


def test_an_empty_layer_overlaps_nothing_and_is_no_error():
    fields = (TERRAIN, Field("f", "B", "features"))
    assert codes(fields, terrain=grid(), f=points(0)) == ["DT004"]


def test_a_file_must_exist(tmp_path):
    (tmp_path / "a").write_text("")
    item = Field("file", "File", "file")
    assert codes(item, file=tmp_path / "a") == []
    assert codes(item, file=tmp_path / "b") == ["DT009"]
    assert codes(item, file=tmp_path) == ["DT009"]


def test_all_problems_are_listed_at_once_errors_first():
    fields = (TERRAIN, Field("n", "N", "number", minimum=0), TABLE)
    assert codes(fields, terrain=grid([[1, math.nan]]), n=-1) == ["DT002", "DT001", "DT010"]


def own(values):
    yield Problem("DT101", "terrain", "Own check.")


def test_the_checks_of_the_model_come_after_those_of_its_fields():
    assert codes(TERRAIN, own, terrain=grid()) == ["DT101"]


def test_the_checks_of_the_model_wait_until_its_fields_are_right():
    assert codes(TERRAIN, own, terrain=None) == ["DT001"]


def test_a_warning_does_not_hold_up_the_checks_of_the_model():
    assert codes(TERRAIN, own, terrain=grid([[1, math.nan]])) == ["DT101", "DT010"]


def test_require_lists_every_error_and_no_warning():
    problems = [
        Problem("DT001", "a", "First {x}.", {"x": "{y}"}),
        Problem("DT002", "b", "Second."),
        Problem("DT010", "c", "Third.", level=WARNING),
    ]
    with pytest.raises(InputError) as caught:
        require(problems)
    assert str(caught.value) == "DT001 First {y}.\nDT002 Second."


def test_require_speaks_the_language_asked():
    with pytest.raises(InputError, match="DT002 Tweede."):
        require([Problem("DT002", "b", "Second.")], {"Second.": "Tweede."}.get)


def test_require_lets_warnings_pass():
    assert require([Problem("DT010", "c", "Third.", level=WARNING)]) is None


def test_the_page_of_checks_and_the_table_agree(root):
    rows = re.findall(r"^\| (DT\d{3}) \| (.+?) \|", (root / "docs" / "checks.md").read_text("utf-8"), re.MULTILINE)
    assert rows == list(CODES.items())


def test_every_code_that_a_model_gives_is_in_the_table(root):
    text = "".join(path.read_text("utf-8") for path in (root / "dtwin_plugin" / "models").rglob("*.py"))
    used = set(re.findall(r"Problem\(\s*\"(DT\d{3})\"", text))
    assert used <= set(CODES)
    assert len(used) > 8
