"""Heights, dates, ids and cover, and the report of a layer."""

from dataclasses import replace

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features, Geometries, Grid, PointCloud, Surfaces
from dtwin_plugin.data.surface_rows import surfaces_of
from dtwin_plugin.errors import InputError
from dtwin_plugin.models.quality import (
    CHECK_QUALITY,
    CODES,
    Cover,
    assess,
    assess_cover,
    coverage,
    findings_layer,
    summary_table,
)
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.cityjson import CityJsonSource

AREA = Extent(0, 0, 100, 100)


def column(*values):
    result = np.empty(len(values), object)
    result[:] = values
    return result


def squares(*corners, **columns):
    rings = [[[(x, y), (x + 10, y), (x + 10, y + 10), (x, y + 10), (x, y)]] for x, y in corners]
    return Features(Geometries.build("polygon", [[ring] for ring in rings]), columns)


def found(assessment):
    return sorted((finding.code, finding.object) for finding in assessment.findings)


def test_heights_that_are_absent_or_nonsense_are_missing():
    columns = {"b3_h_max": np.array([1.0, np.nan, 9999.0, 4]), "b3_h_min": column(1, 1, 1, None)}
    assert coverage.missing_heights(columns, 4).tolist() == [False, True, True, True]
    assert coverage.missing_heights({"b3_h_nok": column(None)}, 1).tolist() == [False]  # not every roof has a ridge


def test_dates_and_sources_are_counted():
    assert coverage.years({"b3_pw_datum": column("2020-03-01", 2014, 2014.0, None, "onbekend")}) == {2014: 2, 2020: 1}
    assert coverage.sources({"b3_pw_bron": column("AHN3", "AHN4", "AHN4", None)}) == {"AHN4": 2, "AHN3": 1}
    assert coverage.years({}) == {} and coverage.sources({}) == {}


def test_features_have_findings_and_a_row():
    features = squares(
        (0, 0), (50, 50), (200, 0), (20, 20),
        identificatie=column("a", "b", "c", "a"),
        b3_h_max=np.array([3.0, np.nan, 3, 3]),
        b3_kwaliteitsindicator=column(True, True, False, True),
        b3_pw_datum=column(2014, 2020, 2020, None),
    )  # fmt: skip
    assessment = assess("Buildings", features, AREA)
    assert found(assessment) == [("Q01", "b"), ("Q02", "a"), ("Q03", "c"), ("Q04", "c")]
    row = {name: values[0] for name, values in summary_table([assessment]).items()}
    assert (row["objects"], row["missing_heights"], row["duplicates"], row["outside"]) == (4, 1, 1, 1)
    assert (row["oldest"], row["newest"], row["invalid"]) == (2014, 2020, 0)


def test_an_object_without_a_place_is_put_in_the_area():
    shapes = Geometries.build("polygon", [[], [[[(0, 0), (1, 0), (1, 1), (0, 0)]]]])
    assessment = assess("x", Features(shapes, {"id": column("a", "b")}), AREA)
    assert found(assessment) == [("Q05", "a")]
    assert assessment.findings[0].xyz == (50, 50, 0)


def test_gaps_of_a_grid_are_found_and_measured():
    values = np.ones((20, 20))
    values[5:10, 5:10] = np.nan
    grid = Grid(values, 0, 100, 5)
    assessment = assess("Terrain", grid, AREA)
    assert assessment.summary["covered"] == pytest.approx(100 * 375 / 400)
    ((x, y, _),) = [finding.xyz for finding in assessment.findings]
    assert np.isnan(grid.sample([x], [y])[0])
    wider = assess("Terrain", grid, Extent(0, 0, 200, 100))
    assert wider.summary["covered"] == pytest.approx(100 * 375 / 800, abs=0.01) and len(wider.findings) == 2
    assert assess("Terrain", grid).summary["covered"] == pytest.approx(93.75)


def test_gaps_between_points_are_found():
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(0.5, 100), np.arange(0.5, 100)))
    kept = x < 50
    points = PointCloud(x[kept], y[kept], np.zeros(kept.sum()), np.zeros(kept.sum(), np.uint8))
    assessment = assess("AHN", points, AREA)
    assert assessment.summary["covered"] == 50 and len(assessment.findings) == 1
    assert assessment.findings[0].xyz[0] > 50
    nothing = replace(points, **{name: getattr(points, name)[:0] for name in ("x", "y", "z", "classification")})
    assert assess("AHN", nothing, AREA).summary["covered"] == 0
    assert assess("AHN", nothing).findings == []


def test_findings_and_rows_of_all_layers_come_together():
    layers = [assess("a", squares((500, 0)), AREA), assess("b", Grid(np.full((2, 2), np.nan), 0, 100, 50), AREA)]
    layer = findings_layer(layers)
    assert layer.columns["layer"].tolist() == ["a", "b"] and layer.geometries.has_z
    assert layer.columns["code"].tolist() == ["Q03", "Q06"]
    assert summary_table(layers)["layer"] == ["a", "b"]
    empty = findings_layer([])
    assert len(empty) == 0 and set(empty.columns) == set(layer.columns)


def test_every_code_has_a_sentence_and_a_severity():
    assert all(code.text.endswith(".") and code.severity in ("error", "warning") for code in CODES.values())


def layer_of(surfaces):
    """As a layer has them: a feature for each object and semantics."""
    names, codes = np.unique(surfaces.semantics.astype(str), return_inverse=True)
    order = np.lexsort((codes, surfaces.objects))
    key = surfaces.objects[order] * len(names) + codes[order]
    ends = np.append(np.flatnonzero(np.diff(key)) + 1, len(key))
    starts = np.append(0, ends[:-1])
    flat = surfaces.geometries.take(order)
    shapes = Geometries("polygon", flat.coordinates, flat.rings, flat.parts, np.append(0, ends).astype(np.int64))
    columns = {name: values[surfaces.objects[order][starts]] for name, values in surfaces.columns.items()}
    return Features(shapes, {**columns, "surface": surfaces.semantics[order][starts]}, name="3DBAG")


def test_a_layer_says_the_same_as_what_it_was_written_from(shared):
    source = CityJsonSource(shared / "cityjson" / "delft_3dbag" / "extension.city.jsonl", lod="2.2")
    surfaces = Surfaces.concatenate(list(source.read()))
    direct = assess("3DBAG", surfaces)
    values = {"surfaces": layer_of(surfaces), "extent": None}
    values.update({item.name: item.default for item in CHECK_QUALITY.inputs if item.default is not None})
    outputs = CHECK_QUALITY.run(values, Silent())
    assert outputs["summary"]["codes"] == [direct.summary["codes"]]
    assert outputs["invalid"] == direct.summary["invalid"] == 13
    assert len(outputs["findings"]) == len(direct.findings)


def test_a_flat_layer_and_one_without_ids_are_refused():
    with pytest.raises(InputError, match="have no heights"):
        surfaces_of(squares((0, 0), id=column("a")))
    with pytest.raises(InputError, match="no field id; found name"):
        surfaces_of(squares((0, 0), name=column("a")))


def cloud(x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    return PointCloud(x, y, np.zeros(len(x)), np.zeros(len(x), np.uint8))


def test_cells_that_hardly_lie_in_the_area_need_no_point():
    cover = Cover.of(Extent(0, 0, 100.2, 52))
    assert cover.asked.shape == (11, 21) and cover.asked.sum() == 10 * 20
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(0.5, 100), np.arange(0.5, 52)))
    cover.add(cloud(x, y))
    assert assess_cover("AHN", cover, len(x)).findings == [] and cover.share() == 1.0


def test_points_on_the_edges_of_an_area_belong_to_it_and_those_beyond_do_not():
    cover = Cover.of(Extent(0, 0, 10, 10))
    cover.add(cloud([0, 10, 10.01, -0.01, 5], [10, 0, 5, 5, 10.01]))
    assert cover.has.tolist() == [[True, False], [False, True]]


def test_where_the_area_is_no_rectangle_only_its_inside_is_asked():
    cover = Cover.of(Extent(0, 0, 100, 100), covers=lambda x, y: x + y < 100)
    assert cover.share() == 0.0 and len(cover.gaps(1.0)) == 1
    cover.add(cloud(*(axis.ravel() for axis in np.meshgrid(np.arange(0.5, 100), np.arange(0.5, 100)))))
    assert cover.share() == 1.0 and len(cover.gaps(1.0)) == 0
    nowhere = Cover.of(Extent(0, 0, 100, 100), covers=lambda x, y: x < 0)
    assert assess_cover("AHN", nowhere, 0).summary["covered"] is None


def test_water_lacks_no_points():
    cover = Cover.of(AREA)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(0.5, 100), np.arange(0.5, 100)))
    land = (x < 40) | (x > 60)
    dry = land & ~((x > 70) & (x < 85) & (y > 70) & (y < 85))
    cover.add(cloud(x[dry], y[dry]))
    assert sorted(cover.gaps(1.0)[:, 2].tolist()) == [225.0, 2000.0]
    canal = Geometries.build("polygon", [[[[(40, 0), (60, 0), (60, 100), (40, 100), (40, 0)]]]])
    assessment = assess_cover("AHN", cover.without(canal), int(dry.sum()))
    ((px, py, _),) = [finding.xyz for finding in assessment.findings]
    assert 70 < px < 85 and 70 < py < 85
    assert assessment.summary["covered"] == pytest.approx(100 * (320 - 9) / 320, abs=0.01)
