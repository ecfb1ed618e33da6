"""Outdated layers of real projects, found without a network and repaired in a copy."""

import zipfile

import pytest
from lxml import etree
from qgis.core import QgsProject, QgsRasterLayer, QgsVectorLayer, QgsVectorTileLayer

from dtwin_plugin import catalogue
from dtwin_plugin.errors import FormatError, InputError, SourceError
from dtwin_plugin.layers.project_file import OLD_SOURCE, ProjectFile
from dtwin_plugin.layers.repair import (
    outdated_in_file,
    outdated_in_project,
    repair_project,
    write_repaired,
)

NGR = "http://geodata.nationaalgeoregister.nl"
NEW = "https://service.pdok.nl"
XYZ = f"type=xyz&zmin=0&zmax=19&url={NGR}/luchtfoto/rgb/wmts/Actueel_ortho25/EPSG:3857/%7Bz%7D/%7Bx%7D/%7By%7D.jpeg"


@pytest.fixture(autouse=True)
def _national_only(monkeypatch):
    monkeypatch.delenv(catalogue.OWN_LIST, raising=False)


@pytest.fixture
def project(qgis_app):
    """A project as one of some years ago: the layers cannot be opened, but they have their sources."""
    project = QgsProject()
    wfs = f"typename='bag:pand' url='{NGR}/bag/wfs/v1_1' version='2.0.0'"
    oapif = "typename='pand' url='https://api.pdok.nl/kadaster/bag/ogc/v1'"
    tiles = "type=xyz&url=https://vectors.example.nl/%7Bz%7D/%7Bx%7D/%7By%7D.pbf&zmax=14"
    layers = [
        QgsRasterLayer(f"crs=EPSG:28992&layers=pand&styles&url={NGR}/bag/wms", "panden", "wms"),
        QgsVectorLayer(wfs, "pand & <wfs>", "WFS"),
        QgsVectorLayer(oapif, "oapif", "OAPIF"),
        QgsRasterLayer(XYZ, "luchtfoto", "wms"),
        QgsRasterLayer(f"layers=schelpen&styles&url={NGR}/schelpdierenpercelen/wms", "schelpen", "wms"),
        QgsVectorTileLayer(tiles, "eigen"),
        QgsVectorLayer("Point?crs=EPSG:28992", "kladlaag", "memory"),
    ]
    layers[3].setCustomProperty("mine", "kept")
    project.addMapLayers(layers)
    yield project
    project.clear()


@pytest.fixture(params=[".qgz", ".qgs"])
def saved(request, project, tmp_path):
    path = tmp_path / f"old{request.param}"
    project.setTitle("Een oud project")
    assert project.write(str(path))
    return path


def test_outdated_layers_of_an_open_project_are_found(project):
    found = {item.name: item for item in outdated_in_project(project)}
    assert set(found) == {"panden", "pand & <wfs>", "oapif", "luchtfoto", "schelpen"}
    assert found["panden"].repair.new == f"{NEW}/lv/bag/wms/v2_0"
    assert found["oapif"].provider == "OAPIF"
    assert not found["schelpen"].wanted(False) and found["panden"].wanted(True)


def test_the_same_is_found_in_the_file(project, saved):
    in_file = {(item.id, item.repair.source) for item in outdated_in_file(ProjectFile(saved))}
    assert in_file == {(item.id, item.repair.source) for item in outdated_in_project(project)}


def test_a_copy_is_repaired_and_opens_with_all_else_as_it_was(saved, tmp_path):
    before = saved.read_bytes()
    file = ProjectFile(saved)
    copy = tmp_path / f"new{saved.suffix}"
    assert write_repaired(file, [item for item in outdated_in_file(file) if item.wanted(False)], copy) == 4
    assert saved.read_bytes() == before
    opened = QgsProject()
    assert opened.read(str(copy)) and opened.title() == "Een oud project"
    layers = {layer.name(): layer for layer in opened.mapLayers().values()}
    assert len(layers) == 7
    assert f"url={NEW}/lv/bag/wms/v2_0" in layers["panden"].source() and "layers=pand" in layers["panden"].source()
    assert f"url='{NEW}/lv/bag/wfs/v2_0'" in layers["pand & <wfs>"].source()
    assert "schelpdierenpercelen" in layers["schelpen"].source()
    assert (
        layers["luchtfoto"].customProperty(OLD_SOURCE) == XYZ and layers["luchtfoto"].customProperty("mine") == "kept"
    )
    assert [item.name for item in outdated_in_project(opened)] == ["schelpen"]
    opened.clear()


def test_only_the_changed_lines_differ(saved, tmp_path):
    def lines(path):
        text = path.read_bytes()
        if path.suffix == ".qgz":
            with zipfile.ZipFile(path) as archive:
                text = archive.read(next(name for name in archive.namelist() if name.endswith(".qgs")))
        return set(etree.tostring(etree.fromstring(text), method="c14n").decode().splitlines())

    file = ProjectFile(saved)
    copy = tmp_path / f"new{saved.suffix}"
    write_repaired(file, outdated_in_file(file), copy)
    gone = [line for line in lines(saved) - lines(copy) if "datasource" not in line and "layer-tree-layer" not in line]
    assert all("properties" in line or "Option" in line for line in gone), gone  # where the old source is kept


@pytest.mark.parametrize("saved", [".qgz"], indirect=True)
def test_what_lies_beside_the_project_goes_with_it(saved, tmp_path):
    with zipfile.ZipFile(saved, "a") as archive:
        archive.writestr("attachments/foto.jpg", b"\xff\xd8" * 1000)
    file = ProjectFile(saved)
    write_repaired(file, outdated_in_file(file), tmp_path / "new.qgz")
    with zipfile.ZipFile(tmp_path / "new.qgz") as archive:
        assert archive.read("attachments/foto.jpg") == b"\xff\xd8" * 1000


def test_a_copy_is_of_the_same_kind(saved, tmp_path):
    other = ".qgs" if saved.suffix == ".qgz" else ".qgz"
    with pytest.raises(InputError, match="the suffix is not"):
        ProjectFile(saved).write(tmp_path / f"new{other}")


def test_an_open_project_is_repaired_and_keeps_the_old_source(qgis_app):
    project = QgsProject()
    layer = QgsRasterLayer(XYZ, "luchtfoto", "wms")
    layer.setOpacity(0.5)
    project.addMapLayer(layer)
    assert repair_project(project, outdated_in_project(project)) == 1
    assert f"{NEW}/hwh/luchtfotorgb/wmts/v1_0/Actueel_ortho25" in layer.source()
    assert layer.isValid() and layer.opacity() == 0.5 and layer.name() == "luchtfoto"
    assert layer.customProperty(OLD_SOURCE) == XYZ
    assert outdated_in_project(project) == []
    project.clear()


ENTITIES = (
    b'<!DOCTYPE qgis [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><qgis><maplayer>&b;</maplayer></qgis>'
)


@pytest.mark.parametrize(
    "content, kind, match",
    [
        (b"", FormatError, "not well-formed"),
        (b"<html/>", FormatError, "no QGIS project"),
        (b"<qgis><maplayer>", FormatError, "not well-formed"),
        (ENTITIES, FormatError, "declares entities"),
        (b"<a>" * 100_000, FormatError, "not well-formed"),
        (None, SourceError, "does not exist"),
    ],
)
def test_what_is_no_project_is_one_sentence(tmp_path, content, kind, match):
    path = tmp_path / "bad.qgs"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind, match=match):
        ProjectFile(path)


def test_a_zip_without_a_project_and_a_damaged_one_are_refused(tmp_path):
    path = tmp_path / "bad.qgz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", b"hello")
    with pytest.raises(FormatError, match="no QGIS project"):
        ProjectFile(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.qgs", bytes(range(256)) * 50)
    data = bytearray(path.read_bytes())
    data[40:60] = bytes(20)
    path.write_bytes(data)
    with pytest.raises(FormatError, match="damaged"):
        ProjectFile(path)


def test_a_project_that_unpacks_without_measure_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("dtwin_plugin.layers.project_file._LARGEST", 1000)
    path = tmp_path / "bomb.qgz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.qgs", b"<qgis>" + b" " * 10_000 + b"</qgis>")
    with pytest.raises(FormatError, match="larger than a project"):
        ProjectFile(path)
