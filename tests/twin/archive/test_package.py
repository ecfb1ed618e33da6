"""An archive package: a bag that the library of others finds valid, with MDTO that is valid by the schema."""

import json
import zipfile
from datetime import date

import bagit
import pytest
from lxml import etree

from dtwin_plugin.twin import InputRecord, RunRecord, checksum
from dtwin_plugin.twin.archive.check import check_bag
from dtwin_plugin.twin.archive.mdto import NAMESPACE, Reference
from dtwin_plugin.twin.archive.package import Order, Run, run_of, write_package
from dtwin_plugin.twin.archive.selection import Category

CATEGORY = Category("V-1", "Advies", "V", "P10Y", "Afhandeling", "Lijst van de gemeente")


@pytest.fixture
def record(tmp_path):
    (tmp_path / "depth é 100%.tif").write_bytes(b"II" * 5000)
    (tmp_path / "depth é 100%.qml").write_text("<qgis/>")
    (tmp_path / "water.nc").write_bytes(b"CDF")
    (tmp_path / "terrain.tif").write_bytes(b"II")
    record = RunRecord(
        "flood", "1.0.0", "Flooding & <rain>", purpose="Advice\x0b on the square", person="J. Jansen",
        inputs=[InputRecord.of_file("terrain", tmp_path / "terrain.tif"), InputRecord("gone", "/nowhere/a.gpkg")],
        outputs={"depth": str(tmp_path / "depth é 100%.tif"), "mesh": str(tmp_path / "water.nc"), "area": 3.5},
        rights=["CC BY 4.0"], privacy="internal",
    )  # fmt: skip
    record.checksums = {name: checksum(tmp_path / record.outputs[name]) for name in ("depth", "mesh")}
    record.end()
    return record


@pytest.fixture
def package(tmp_path):
    def make(runs, more=(), **order):
        order = {"title": "Hevige bui", "organisation": Reference("Gemeente Delft"), "category": CATEGORY, **order}
        path = tmp_path / "out" / "package.zip"
        return path, write_package(path, Order(**order), runs, more)

    return make


def unpacked(path, folder):
    with zipfile.ZipFile(path) as file:
        file.extractall(folder)
    (bag,) = folder.iterdir()
    return bag


def documents(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist() if name.endswith(".mdto.xml")}


@pytest.fixture(scope="session", params=["1.0.1", "1.0.2"])
def xsd(request, shared):
    return etree.XMLSchema(etree.parse(str(shared / "archive" / "mdto" / f"MDTO-XML{request.param}.xsd")))


def test_the_library_of_others_finds_the_bag_valid(record, package, tmp_path):
    path, _ = package([run_of(record, True)])
    bag = bagit.Bag(str(unpacked(path, tmp_path / "x")))
    bag.validate()
    assert bag.version_info == (1, 0) and set(bag.algorithms) == {"sha256", "sha512"}
    assert bag.info["Source-Organization"] == "Gemeente Delft"
    assert not check_bag(path) and not check_bag(tmp_path / "x" / "Hevige-bui")


def test_the_library_of_others_sees_a_changed_byte_and_so_do_we(record, package, tmp_path):
    path, _ = package([run_of(record, True)])
    bag = unpacked(path, tmp_path / "x")
    (bag / "data" / "Hevige-bui" / "results" / "water.nc").write_bytes(b"CDG")
    assert not bagit.Bag(str(bag)).is_valid()
    assert [fault.kind for fault in check_bag(bag)] == ["changed"]


def test_every_document_is_valid_by_the_schema_of_the_national_archives(record, package, xsd):
    path, _ = package([run_of(record, True), run_of(record, False)], title="Studie", begun=date(2026, 2, 28))
    found = documents(path)
    assert len(found) > 8
    for name, content in found.items():
        assert xsd.validate(etree.fromstring(content)), (name, xsd.error_log)


def test_the_schemas_find_in_the_examples_of_others_what_is_known_of_them(shared):
    folder = shared / "archive" / "mdto"
    schemas = {v: etree.XMLSchema(etree.parse(str(folder / f"MDTO-XML{v}.xsd"))) for v in ("1.0.1", "1.0.2")}
    found = {path.name: [v for v, s in schemas.items() if s.validate(etree.parse(str(path)))]
             for path in folder.glob("*.xml")}  # fmt: skip
    assert len(found) == 4
    odd = "MDTO-XML 1.0.1 Voorbeeld Archiefstuk Informatieobject.xml"  # invalid on purpose by 1.0.1
    assert found.pop(odd) == ["1.0.2"]
    assert all(valid == ["1.0.1", "1.0.2"] for valid in found.values())


def test_the_object_says_whose_it_is_and_how_long_it_is_kept(record, package):
    path, facts = package([run_of(record, True)], begun=date(2024, 2, 29))
    (name,) = [name for name in documents(path) if name.endswith("/Hevige-bui.mdto.xml")]
    root = etree.fromstring(documents(path)[name])

    def text(place):
        return root.findtext("/".join(f"{{{NAMESPACE}}}{part}" for part in ("informatieobject", *place.split("/"))))

    assert text("archiefvormer/verwijzingNaam") == "Gemeente Delft"
    assert text("waardering/begripCode") == "V" and text("bewaartermijn/termijnLooptijd") == "P10Y"
    assert text("bewaartermijn/termijnStartdatumLooptijd") == "2024-02-29"
    assert text("bewaartermijn/termijnEinddatum") == facts["end"] == "2034-02-28"
    assert text("beperkingGebruik/beperkingGebruikType/begripLabel") == "Intern"
    assert "Advice on the square" in text("omschrijving")  # without the character that XML does not have


def test_what_is_lost_or_not_preferred_is_said_and_the_rest_is_the_same_bytes(record, package, tmp_path):
    run = run_of(record, True)
    path, facts = package([run])
    assert any("water.nc" in note and "no preferred format" in note for note in facts["notes"])
    assert any("/nowhere/a.gpkg is not there" in note for note in facts["notes"])
    with zipfile.ZipFile(path) as file:
        for place, origin in run.files.items():
            assert file.read(f"Hevige-bui/data/Hevige-bui/{place}") == origin.read_bytes()
        told = json.loads(file.read("Hevige-bui/data/Hevige-bui/run.json"))
    assert told["id"] == record.id and {"results/depth é 100_.qml", "inputs/terrain.tif"} <= set(run.files)


def test_a_study_holds_its_runs_and_each_knows_of_it(record, package, tmp_path):
    (tmp_path / "report.html").write_text("<p>Report</p>")
    path, facts = package([Run(record), Run(record)], [tmp_path / "report.html"])
    found = {name.rpartition("/")[2]: content.decode() for name, content in documents(path).items()}
    assert found["Hevige-bui.mdto.xml"].count("<bevatOnderdeel>") == 2 and "Dossier" in found["Hevige-bui.mdto.xml"]
    assert "<isOnderdeelVan>" in found["01-flood.mdto.xml"] and "report.html.bestand.mdto.xml" in found


def test_without_a_trigger_the_term_has_no_end(record, package):
    path, facts = package([Run(record)])
    assert facts["end"] == "" and b"termijnEinddatum" not in b"".join(documents(path).values())
    kept = Category("B-1", "Besluit", "B")
    path, facts = package([Run(record)], category=kept, begun=date(2020, 1, 1))
    assert facts["end"] == "" and b"bewaartermijn" not in b"".join(documents(path).values())
