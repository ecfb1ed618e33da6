"""What a file has of earlier loads and of the user stays, whatever is loaded into it next, and however that ends."""

import json
import sqlite3
from pathlib import Path

import pytest
from qgis.core import (
    QgsFeature,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from dtwin_plugin.errors import Cancelled
from processing_algorithms.loadarea import LoadArea, assemble

pytestmark = pytest.mark.usefixtures("own_cache")
AREA = "112400,112600,460400,460600 [EPSG:28992]"
SMALL = "112400,112460,460400,460460 [EPSG:28992]"


def load(context, target, products, feedback=None, **more):
    parameters = {"extent": AREA, "products": products, "geopackage": str(target), **more}
    return LoadArea().create().run(parameters, context, feedback or QgsProcessingFeedback(False), {}, False)[0]


def ask(path, question, *values):
    with sqlite3.connect(path) as database:
        return database.execute(question, values).fetchall()


def counts(path):
    names = [name for (name,) in ask(path, "select table_name from gpkg_contents")]
    return {name: ask(path, f'select count(*) from "{name}"')[0][0] for name in names}


def statuses(path):
    return dict(ask(path, "select product, status from log"))


def state(folder):
    """Every file of a load, byte by byte, but for what is ready for the next one."""
    return {str(p): p.read_bytes() for p in folder.rglob("area*/**/*") if p.is_file() and ".loading" not in p.parts} | {
        str(p): p.read_bytes() for p in folder.glob("*area*") if p.is_file()
    }


@pytest.fixture
def target(services, context, tmp_path):
    """A file with the BGT and a terrain, a table of the user, and a style of theirs."""
    folder = tmp_path / "result"
    path = folder / "area.gpkg"
    load(context, path, "bgt,terrain")
    with sqlite3.connect(path) as database:
        database.execute("create table notes (fid integer primary key, text text)")
        database.execute("insert into notes (text) values ('mine')")
        database.execute(
            "insert into gpkg_contents (table_name, data_type, identifier) values ('notes', 'attributes', 'notes')"
        )
        database.execute("update layer_styles set description='of the user' where f_table_name='bgt_bgt'")
    database.close()
    return path


def without(services, name, folder):
    """Let the catalogue lead to a port where nobody answers."""
    rows = json.loads((folder / "own.json").read_text())
    closed = [{**row, "url": "http://127.0.0.1:9/x"} if row["id"] == name else row for row in rows]
    (folder / "own.json").write_text(json.dumps(closed))


def test_other_products_come_beside_what_is_there_and_the_same_in_its_place(target, context):
    before, terrain = counts(target), (target.parent / "area_files" / "terrain.tif").read_bytes()
    summary = ask(target, "select * from quality_summary where layer like 'bgt/%'")
    result = load(context, target, "buildings3d")
    after = counts(target)
    assert after["buildings3d_surfaces"] > 20 and {n: after[n] for n in ("bgt_bgt", "notes")} == {
        n: before[n] for n in ("bgt_bgt", "notes")
    }
    assert ask(target, "select text from notes") == [("mine",)]
    assert len(statuses(target)) == 3 and set(statuses(target).values()) == {"loaded"}
    assert (target.parent / "area_files" / "terrain.tif").read_bytes() == terrain
    layers = [layer for (layer,) in ask(target, "select layer from quality_summary")]
    assert len(layers) == len(set(layers)) and {layer.split("/")[0] for layer in layers} == {
        "bgt", "terrain", "buildings3d",
    }  # fmt: skip
    assert [row[1:] for row in ask(target, "select * from quality_summary where layer like 'bgt/%'")] == [
        row[1:] for row in summary
    ]
    assert ask(target, "select description from layer_styles where f_table_name='bgt_bgt'") == [("of the user",)]
    kept = QgsVectorLayer(f"{target}|layername=bgt_bgt", "bgt", "ogr")
    assert kept.isValid() and kept.featureCount() == before["bgt_bgt"] and kept.metadata().rights()
    assert QgsVectorLayer(result["buildings3d_surfaces"], "b", "ogr").featureCount() == after["buildings3d_surfaces"]
    del kept
    load(context, target, "bgt", extent=SMALL)
    again = counts(target)
    assert 0 < again["bgt_bgt"] < before["bgt_bgt"]
    assert again["buildings3d_surfaces"] == after["buildings3d_surfaces"]
    styles = [name for (name,) in ask(target, "select f_table_name from layer_styles")]
    assert len(styles) == len(set(styles)) and set(styles) <= set(again)
    assert not {n for (n,) in ask(target, "select table_name from gpkg_metadata_reference")} - set(again)
    assert ask(target, "pragma integrity_check") == [("ok",)] and ask(target, "pragma foreign_key_check") == []


def test_findings_of_what_is_not_loaded_again_stay(target, context):
    load(context, target, "buildings3d")

    def findings():
        return ask(target, "select layer, count(*) from quality group by layer")

    layer = QgsVectorLayer(f"{target}|layername=quality", "quality", "ogr")
    added = []
    for name in ("bgt/bgt", "buildings3d/old"):  # findings of both, whatever the sample has
        added.append(QgsFeature(layer.fields()))
        added[-1]["layer"] = name
    assert layer.dataProvider().addFeatures(added)[0]
    del layer
    assert {"bgt/bgt", "buildings3d/old"} <= dict(findings()).keys()
    load(context, target, "buildings3d", fresh=True)
    assert "bgt/bgt" in dict(findings()) and "buildings3d/old" not in dict(findings())


def test_a_source_that_fails_keeps_what_it_gave_before(services, target, context, tmp_path):
    terrain, tables = (target.parent / "area_files" / "terrain.tif").read_bytes(), counts(target)
    without(services, "ahn-wcs", tmp_path)
    result = load(context, target, "terrain,buildings3d", cell_size=1.0)
    assert (result["loaded"], result["failed"]) == (1, 1)
    assert (target.parent / "area_files" / "terrain.tif").read_bytes() == terrain
    assert counts(target)["bgt_bgt"] == tables["bgt_bgt"] and sorted(statuses(target).values())[0] == "failed"


@pytest.mark.parametrize("fault", [Cancelled(), OSError("the disk is full")])
@pytest.mark.parametrize("at", ["copy_layer", "_copy_beside", "begin"])
def test_what_fails_or_is_stopped_while_it_is_written_leaves_all_as_it_was(target, context, monkeypatch, fault, at):
    before, real, called = state(target.parent), getattr(assemble, at), []

    def failing(*args, **kwargs):
        real(*args, **kwargs)
        called.append(at)
        if at != "copy_layer" or len(called) == 2:
            raise fault

    monkeypatch.setattr(assemble, at, failing)
    with pytest.raises(QgsProcessingException, match="Stopped" if isinstance(fault, Cancelled) else "disk is full"):
        load(context, target, "terrain,buildings3d", cell_size=1.0)
    assert called and state(target.parent) == before
    monkeypatch.undo()


def test_what_is_stopped_while_it_is_loaded_or_fails_wholly_leaves_all_as_it_was(services, target, context, tmp_path):
    class Stopping(QgsProcessingFeedback):
        def on_source(self, name, status, fraction, message):
            if status == "done":
                self.cancel()

    before = state(target.parent)
    with pytest.raises(QgsProcessingException, match="Stopped by the user; 1 source"):
        load(context, target, "buildings3d,terrain", Stopping(False), workers=1)
    assert state(target.parent) == before
    without(services, "ahn-wcs", tmp_path)
    with pytest.raises(QgsProcessingException, match="Nothing could be loaded"):
        load(context, target, "terrain", cell_size=1.0)
    assert state(target.parent) == before


def test_a_stop_is_heard_while_what_stays_is_copied(target, context, monkeypatch):
    from processing_algorithms.loadarea import package

    before, feedback, real = state(target.parent), QgsProcessingFeedback(False), package._copy_whole
    monkeypatch.setattr(package, "_PAGES", 1)

    def copy(*args):
        feedback.cancel()
        real(*args)

    monkeypatch.setattr(package, "_copy_whole", copy)
    with pytest.raises(QgsProcessingException, match="Stopped"):
        load(context, target, "buildings3d", feedback)
    assert state(target.parent) == before


@pytest.mark.parametrize("content", [b"\xff" * 5000, b""])
def test_a_damaged_file_is_refused_before_a_service_is_asked(services, context, tmp_path, content):
    path = tmp_path / "area.gpkg"
    path.write_bytes(b"SQLite format 3\0" + content)
    for state in services.states.values():
        state.asked.clear()
    before = path.read_bytes()
    with pytest.raises(QgsProcessingException, match="is damaged"):
        load(context, path, "bgt")
    assert path.read_bytes() == before and not any(state.asked for state in services.states.values())


def test_the_group_in_the_project_keeps_the_earlier_layers_which_read_the_new_file(services, tmp_path, qgis_app):
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext

    project, path = QgsProject.instance(), tmp_path / "area.gpkg"
    project.clear()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))

    def load_into(products):
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(project)
        load(context, path, products, feedback)
        handleAlgorithmResults(LoadArea().create(), context, feedback, {})

    def named(text):
        return [layer for layer in project.mapLayers().values() if layer.source().endswith(text)]

    load_into("bgt,terrain")
    (bgt,), (terrain,), first = named("|layername=bgt_bgt"), named("terrain.tif"), counts(path)["bgt_bgt"]
    load_into("buildings3d")
    assert (
        named("|layername=bgt_bgt") == [bgt]
        and named("terrain.tif") == [terrain]
        and named("|layername=buildings3d_surfaces")
    )
    assert len(named("|layername=log")) == 1
    (group,) = project.layerTreeRoot().findGroups(True)
    assert {node.layerId() for node in group.findLayers()} == set(project.mapLayers())
    assert bgt.isValid() and bgt.featureCount() == first and QgsRasterLayer(terrain.source()).isValid()
    assert bgt.startEditing() and bgt.deleteFeature(next(bgt.getFeatures()).id()) and bgt.commitChanges()
    assert bgt.featureCount() == first - 1
    del bgt, terrain, group
    project.clear()
    assert counts(path)["bgt_bgt"] == first - 1  # what is edited arrives in the file that is there
    assert Path(path).is_file()
