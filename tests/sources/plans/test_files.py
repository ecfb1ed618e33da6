"""Plans in files: what an area says becomes rows with numbers where they are sure, and hostile files are refused."""

import re
import zipfile

import numpy as np
import pytest

from dtwin_plugin.data import Extent, Features
from dtwin_plugin.errors import Cancelled, CrsError, FormatError, InputError, SourceError
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.describe_one import describe_one
from dtwin_plugin.sources.plans import PlanSource, areas
from dtwin_plugin.sources.registry import SOURCES, find, open_source
from tests.sources.plans import written
from tests.sources.plans.written import PLAN, area, gio, imro, location, norms, plan_area, surface

COLUMNS = ["rule", "quantity", "norm", "title", "text", "value", "unit", "area_kind", "source", "plan", "link", "date",
           "status"]  # fmt: skip


@pytest.fixture
def file(tmp_path):
    def write(data, name="plan.gml"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def read(path, extent=None, **options):
    progress = Silent()
    return Features.concatenate(list(PlanSource(path, **options).read(extent, progress))), progress.warnings


def rows(features):
    return [dict(zip(features.columns, values)) for values in zip(*(c.tolist() for c in features.columns.values()))]


def test_an_imro_plan_gives_a_row_for_each_norm(file):
    features, warnings = read(file(imro()))
    assert list(features.columns) == COLUMNS and features.columns["norm"].dtype == np.float64
    by_rule = {row["rule"]: row for row in rows(features)}
    assert sorted(by_rule) == ["NL.IMRO.bv1", "NL.IMRO.ep1", "NL.IMRO.mv1.1", "NL.IMRO.mv1.2", "NL.IMRO.mv2.1",
                               "NL.IMRO.mv3.1", "NL.IMRO.mv3.2"]  # fmt: skip
    found = {name: (row["quantity"], row["norm"]) for name, row in by_rule.items() if row["norm"] == row["norm"]}
    assert found == {
        "NL.IMRO.mv1.1": ("eaves_height", 6.5),
        "NL.IMRO.mv1.2": ("building_height", 11.0),
        "NL.IMRO.mv2.1": ("built_percentage", 60.0),
    }
    for row in by_rule.values():
        assert row["source"] == f"{PLAN}, Testplan Delft" and row["plan"] == PLAN  # though the plan stands after it
        assert (row["status"], row["date"]) == ("vastgesteld", "2015-06-25")
    assert by_rule["NL.IMRO.mv3.1"]["quantity"] == ""  # a minimum is no maximum
    assert by_rule["NL.IMRO.mv3.2"]["quantity"] == "building_height"
    assert by_rule["NL.IMRO.mv3.2"]["text"] == "maximum bouwhoogte (m): 9 (excl. kap)"
    assert by_rule["NL.IMRO.bv1"]["area_kind"] == "bouwvlak" and by_rule["NL.IMRO.bv1"]["quantity"] == ""
    assert by_rule["NL.IMRO.ep1"]["link"] == f"https://plannen.example/r_{PLAN}.html#wonen"
    assert by_rule["NL.IMRO.mv1.1"]["link"] == ""  # the name of a file is no address
    assert len(warnings) == 2
    assert "1 of 5 norms had no plain number that holds" in warnings[0] and "1 of 5 norms had a minimum" in warnings[1]


def test_areas_have_their_polygons_in_rd_with_holes(file):
    features, _ = read(file(imro()))
    building = features.take(np.flatnonzero(features.columns["area_kind"] == "bouwvlak"))
    shapes = building.geometries
    assert np.diff(shapes.parts).tolist() == [2] and shapes.coordinates.shape[1] == 2
    assert shapes.bounds().tolist() == [[84700, 447500, 84760, 447560]]
    assert features.crs == "EPSG:28992"


def test_imro_2008_is_read_alike(file):
    old = re.sub(rb"<imro:identificatie>.*?</imro:identificatie>", rb"<imro:identificatie/>", imro(year="2008"))
    new, older = read(file(imro()))[0], read(file(old, "old.gml"))[0]
    assert [row["rule"] for row in rows(older)] == [row["rule"] for row in rows(new)]
    assert np.array_equal(older.columns["norm"], new.columns["norm"], equal_nan=True)
    assert PlanSource(file(old)).describe().format == "IMRO2008"


def test_imro_2006_is_read_in_its_own_form(file):
    path = file(written.imro2006())
    assert find(path) is SOURCES["plans"] and PlanSource(path).describe().format == "IMRO2006"
    eaves, height, building = rows(read(path)[0])
    assert (eaves["quantity"], eaves["norm"], eaves["title"]) == ("eaves_height", 4.5, "maximum goothoogte (m)")
    assert height["quantity"] == "building_height" and np.isnan(height["norm"])  # of what the height is, is not said
    assert building["area_kind"] == "bouwvlak" and building["source"] == "NL.IMRO.05030000BS1-, Oud plan"
    assert (eaves["status"], eaves["date"]) == ("vastgesteld", "2007-06-07")


def test_the_status_is_read_whatever_its_kind_of_plan_is_called(file):
    data = imro().replace(b"PlanstatusEnDatum>", b"PlanstatusEnDatum_BP>")
    assert rows(read(file(data))[0])[0]["status"] == "vastgesteld"


@pytest.mark.parametrize(
    ("holder", "element", "plan"),
    [
        ("GeometrieBesluitobject_P1", "Besluitvlak_P", "Besluitgebied_P"),
        ("GeometrieStructuurvisieObject", "Structuurvisiegebied_G", "Structuurvisieplangebied_G"),
    ],
)
def test_areas_may_refer_to_the_objects_that_hold_their_geometry(file, holder, element, plan):
    """Regulations and structural visions do: two places of one area, an area without a polygon, and one lost."""
    held = {"g1": surface(84700, 447500, 60), "g2": surface(84800, 447500, 60, hole=(84810, 447510, 9)),
            "g3": "<gml:Point><gml:pos>84700 447500</gml:pos></gml:Point>"}  # fmt: skip
    body = "".join(
        f'<imro:featureMember><imro:{holder} gml:id="{name}"><imro:geometrie>{shape}</imro:geometrie></imro:{holder}>'
        "</imro:featureMember>"
        for name, shape in held.items()
    )
    for name, borders in {"a1": ("g2",), "a2": ("g1", "g2"), "a3": ("g3",), "a4": ("nowhere",)}.items():
        more = "".join(f'<imro:begrenzing xlink:href="#{border}"/>' for border in borders)
        body = area(element, name, "natuur", "", more) + body
    whole = plan_area().replace("imro:Bestemmingsplangebied", f"imro:{plan}")
    features, warnings = read(file(imro(body + whole)))
    found = rows(features)
    assert [row["rule"] for row in found] == ["NL.IMRO.a2", "NL.IMRO.a1"]
    assert {row["area_kind"] for row in found} == {element[:-2].lower()}
    assert {(row["plan"], row["status"]) for row in found} == {(PLAN, "vastgesteld")}
    assert features.geometries.bounds()[0].tolist() == [84700, 447500, 84860, 447560]
    assert len(warnings) == 1 and "2 of 4 areas had no polygon" in warnings[0]


def test_only_what_touches_the_area_comes(file):
    path = file(imro())
    features, _ = read(path, Extent(84_810, 447_510, 84_820, 447_520))
    assert sorted(features.columns["rule"].tolist()) == ["NL.IMRO.ep1", "NL.IMRO.mv2.1"]
    assert list(PlanSource(path).read(Extent(90_000, 440_000, 90_001, 440_001))) == []


def test_an_area_refers_to_its_own_plan(file):
    other = "NL.IMRO.0503.BP9002-1001"
    body = (
        area("Bouwvlak", "a", "bouwvlak", surface(84700, 447500, 10))
        + area("Bouwvlak", "b", "bouwvlak", surface(84800, 447500, 10), plan=other)
        + plan_area() + plan_area(other, "Ander plan", "ontwerp")
    )  # fmt: skip
    path = file(imro(body))
    features, warnings = read(path)
    assert [row["plan"] for row in rows(features)] == [PLAN, other]
    assert warnings == [f"{other} has the status ontwerp: it is not known to be in force."]
    features, warnings = read(path, plans=[PLAN])
    assert [row["plan"] for row in rows(features)] == [PLAN] and warnings == []
    with pytest.raises(InputError, match="has no plan NL.IMRO.9; it has NL.IMRO.0503.BP9001-2001"):
        read(path, plans=["NL.IMRO.9"])


def test_areas_without_their_plan_keep_its_name(file):
    features, _ = read(file(imro(area("Bouwvlak", "a", "bouwvlak", surface(84700, 447500, 10)))))
    assert rows(features)[0]["source"] == PLAN and rows(features)[0]["status"] == ""


def test_a_plan_without_its_own_area_is_chosen_by_what_refers_to_it(file):
    path = file(imro(area("Bouwvlak", "a", "b", surface(84700, 447500, 10)) + area("Bouwvlak", "c", "b",
                surface(84800, 447500, 10), plan="NL.IMRO.2")))  # fmt: skip
    assert read(path, plans=["NL.IMRO.2"])[0].columns["plan"].tolist() == ["NL.IMRO.2"]
    with pytest.raises(InputError, match="has no plan"):
        read(path, plans=["NL.IMRO.3"])


def test_large_polygons_come_in_chunks(file, monkeypatch):
    monkeypatch.setattr(areas, "COORDINATES", 12)
    pieces = list(PlanSource(file(imro())).read())
    assert [len(piece) for piece in pieces] == [3, 3, 1]  # five coordinates each, ten with the court
    monkeypatch.setattr(areas, "CHUNK", 1)
    assert len(list(PlanSource(file(imro())).read())) == 7


def test_a_geo_information_object_gives_its_norm_values(file):
    features, warnings = read(file(gio(location("a", "13"), location("b", "7.5", 84800, name="Park"))))
    first, second = rows(features)
    assert (first["quantity"], first["norm"], second["norm"]) == ("building_height", 13.0, 7.5)
    assert first["text"] == "Maximum bouwhoogte: 13, meters boven het maaiveld, Kade"  # the level stays with the number
    assert first["unit"] == "meters boven het maaiveld" and first["area_kind"] == "norm" and warnings == []
    assert first["source"] == "/join/id/regdata/gm0503/2024/Bouwhoogte/nld@2024-01-15;1, Maximum bouwhoogte"
    assert (first["date"], first["rule"], second["title"]) == ("2024-01-15", "a.1", "Maximum bouwhoogte")


@pytest.mark.parametrize(
    ("change", "quantity"),
    [
        ({"label": "meters boven NAP"}, "building_height"),  # from another level: 13 would be wrong
        ({"label": "bouwlagen"}, "building_height"),
        ({"label": "", "unit": ""}, "building_height"),
        ({"label": "meter", "unit": "http://a.nl/eenheid/id/concept/Procent"}, "building_height"),
        ({"name": "maximum bouwhoogte bedrijfsgebouw"}, "building_height"),
        ({"kind": "http://a.nl/typenorm/id/concept/MinimumBouwhoogte"}, "building_height"),
        ({"name": "Welstand", "kind": "http://a.nl/typenorm/id/concept/Welstand", "label": ""}, ""),
    ],
)
def test_a_norm_value_with_a_doubt_is_to_be_read(file, change, quantity):
    (row,) = rows(read(file(gio(location("a", "13"), **change)))[0])
    assert row["quantity"] == quantity and np.isnan(row["norm"]) and "13" in row["text"]


def test_values_in_words_and_areas_without_a_value(file):
    qualitative = location("a", "midden", kind="kwalitatieveNormwaarde")
    (row,) = rows(read(file(gio(qualitative, name="Welstand", kind="", label="", unit="")))[0])
    assert (row["quantity"], row["value"]) == ("", "midden")
    (row,) = rows(read(file(gio(location("a", None), name="", kind="", label="", unit="")))[0])
    assert (row["area_kind"], row["title"], row["text"]) == ("werkingsgebied", "Kade", "")


def test_a_zip_is_read_with_all_its_plans(tmp_path):
    with zipfile.ZipFile(tmp_path / "plan.zip", "w") as archive:
        archive.writestr("r_plan.html", "<html/>")
        archive.writestr("g_plan.xml", "<GeleideFormulier/>")
        archive.writestr("deep/plan.gml", imro())
        archive.writestr("Bouwhoogte.gml", gio(location("a", "13")))
    features, _ = read(tmp_path / "plan.zip")
    assert len(set(features.columns["source"].tolist())) == 2
    assert find(tmp_path / "plan.zip") is SOURCES["plans"]
    assert len(open_source(tmp_path / "plan.zip").describe().facts["plans"]) == 2


def test_facts_tell_plans_norms_and_what_must_be_read(file):
    row = describe_one(file(imro(members_and_draft())))
    assert (row["status"], row["source"], row["format"], row["crs"]) == ("loaded", "plans", "IMRO2012", "EPSG:28992")
    assert row["extent"] == [84690.0, 447490.0, 84930.0, 447730.0] and row["count"] == 5
    assert row["facts"]["plans"] == [f"{PLAN}, Testplan Delft, voorontwerp, 2015-06-25"]
    assert row["facts"]["norms"] == {"eaves_height": 1, "building_height": 2, "built_percentage": 1}
    assert row["facts"]["norms_to_read"] == 1 and row["facts"]["types"]["maatvoering"] == 3
    assert any("voorontwerp" in warning for warning in row["warnings"])


def members_and_draft():
    return written.members() + plan_area(status="voorontwerp")


BROKEN = {
    "half": (imro()[:-900], FormatError, "not well-formed"),
    "entity": (imro().replace(b"<!-- by hand -->", b'<!DOCTYPE a [<!ENTITY b "c">]>'), FormatError, "document type"),
    "no plan": (b"<a><b/></a>", FormatError, "holds no plan"),
    "mutation": (b"<geo:GeoInformatieObjectMutatie xmlns:geo='g'/>", FormatError, "a change of an area"),
    "change within": (
        gio(location("a", "13")).replace(b"GeoInformatieObjectVersie", b"GeoInformatieObjectMutatie"),
        FormatError,
        "a change of an area",
    ),
    "geometries": (b"<b:FeatureCollectionGeometrie xmlns:b='g'/>", FormatError, "without their norms"),
    "number": (imro().replace(b"84700 447500 84760", b"84700 abc 84760"), FormatError, "abc"),
    "system": (imro(area("Bouwvlak", "a", "b", surface(1, 2, 3, srs="urn:mine"))), CrsError, "urn:mine"),
    "empty": (b"", FormatError, "empty"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_a_sentence(file, name):
    data, kind, text = BROKEN[name]
    with pytest.raises(kind, match=text):
        list(PlanSource(file(data)).read())


def test_what_is_no_place_is_left_out_and_told(file):
    body = (
        area("Bouwvlak", "a", "bouwvlak", surface(84700, 447500, 10))
        + area("Bouwvlak", "b", "bouwvlak", surface(0, 0, 10))  # off the map
        + area("Bouwvlak", "c", "bouwvlak", "<gml:Point><gml:pos>84700 447500</gml:pos></gml:Point>")
        + area("Bouwvlak", "d", "bouwvlak", "")
        + plan_area()
    )  # fmt: skip
    features, warnings = read(file(imro(body)))
    assert features.columns["rule"].tolist() == ["NL.IMRO.a"]
    assert any("2 of 4 areas had no polygon" in text for text in warnings)
    assert any("1 of 4 areas lay outside" in text for text in warnings)


def test_many_norms_long_texts_and_odd_ids_do_no_harm(file):
    body = (
        area("Maatvoering", "x" * 5000, "n" * 5000, surface(84700, 447500, 10),
             norms(*[("maximum bouwhoogte (m)", "1" * 5000)] * 200))
        + area("Maatvoering", "empty", "maximum bouwhoogte (m)", surface(84700, 447500, 10), norms(("", "")))
        + plan_area()
    )  # fmt: skip
    found = rows(read(file(imro(body)))[0])
    assert len(found) == 51 and max(len(str(value)) for row in found for value in row.values()) <= 5000
    assert found[-1]["title"] == "maximum bouwhoogte (m)" and np.isnan(found[-1]["norm"])


def test_files_that_are_none(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        list(PlanSource(tmp_path / "a.gml").read())
    with pytest.raises(FormatError, match=r"compressed with gzip"):
        import gzip

        (tmp_path / "a.gml.gz").write_bytes(gzip.compress(imro()))
        find(tmp_path / "a.gml.gz")


def test_reading_stops_when_asked(file, cancelling):
    with pytest.raises(Cancelled):
        list(PlanSource(file(imro())).read(progress=cancelling(after=1)))


def test_every_cut_and_flip_is_read_or_refused(file):
    """Any of our own errors is a sentence; anything else would be a fault of ours."""
    generator, data = np.random.default_rng(5), imro()
    for _ in range(60):
        damaged = bytearray(data)
        for place in generator.integers(0, len(data), 8):
            damaged[place] = generator.integers(32, 127)
        try:
            list(PlanSource(file(bytes(damaged), "damaged.gml")).read())
        except (FormatError, CrsError):
            pass
