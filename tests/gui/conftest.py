"""What tests in the real QGIS share."""

import json
import os
import shutil
import subprocess

import pytest

_SETTINGS = (
    "[locale]\nuserLocale={language}\noverrideFlag=true\n[PythonPlugins]\ndtwin_plugin=true\n"
    "[core]\nNewsFeed\\httpsfeedqgisorg\\disabled=true\n[qgis]\ncheckVersion=false\nshowTips=false\n"
    "[app]\nprojections\\unknownCrsBehavior=NoAction\n"
)


@pytest.fixture
def real_qgis(root):
    """Run a script of `scripts` inside the real QGIS with the plugin, in a profile of its own, under a virtual screen.

    Called with the name of the script and a folder, it returns what the script told; see `scripts/trial.py`.
    A trial runs in one language, some in English and some in Dutch: a second start costs up to a minute, and what
    differs is the names by which panels are found.
    """
    if shutil.which("qgis") is None:
        pytest.skip("needs the QGIS desktop")

    def run(script, folder, language="en", timeout=200, **variables):
        settings = folder / "profiles" / "profiles" / "default" / "QGIS"
        settings.mkdir(parents=True)
        (settings / "QGIS3.ini").write_text(_SETTINGS.format(language=language))
        surroundings = {
            **os.environ,
            "PATH": f"{root / '.venv' / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(root),
            "QGIS_PLUGINPATH": str(root / "build"),
            "DTWIN_TRIAL": str(folder),
            "QT_QPA_PLATFORM": "xcb",
            "XDG_RUNTIME_DIR": str(folder),
            **variables,
        }
        surroundings.pop("QGIS_CUSTOM_CONFIG_PATH", None)
        command = ["qgis", "--nologo", "--noversioncheck", "--profiles-path", str(folder / "profiles"), "--code"]
        command.append(str(root / "scripts" / f"{script}.py"))
        with (folder / "output.txt").open("w+") as output:
            try:
                ended = subprocess.run(
                    command, env=surroundings, cwd=folder, stdout=output, stderr=output, timeout=timeout
                )
            except subprocess.TimeoutExpired:
                ended = None  # what it said until then is what one wants to read
        told = folder / "found.json"
        assert told.is_file(), f"QGIS {ended or 'was stopped'}: {(folder / 'output.txt').read_text()[-3000:]}"
        found = json.loads(told.read_text())
        assert "error" not in found, found["error"]
        return found

    return run


@pytest.fixture
def keep_pictures():
    """Copy pictures to the folder that DTWIN_PICTURES names, if it does, to be looked at."""

    def keep(folder, names, prefix):
        if os.environ.get("DTWIN_PICTURES"):
            for name in names:
                shutil.copy(folder / f"{name}.png", f"{os.environ['DTWIN_PICTURES']}/{prefix}-{name}.png")

    return keep


@pytest.fixture
def project(qgis_app):
    """The project, empty before and after."""
    from qgis.core import QgsProject

    found = QgsProject.instance()
    found.clear()
    yield found
    found.clear()


@pytest.fixture
def layer_model(project):
    """The model of the layer tree, by which map themes are made and applied."""
    from qgis.core import QgsLayerTreeModel

    model = QgsLayerTreeModel(project.layerTreeRoot())
    yield model
    model.deleteLater()


@pytest.fixture
def make_depth():
    """Make a map of the largest water depth at a path as a flood run does; the layer and the record of the run."""
    import numpy as np
    from qgis.core import QgsRasterLayer

    from dtwin_plugin.data import Grid
    from dtwin_plugin.layers import finish
    from dtwin_plugin.sources.raster_write import write_cog
    from dtwin_plugin.twin import RunRecord

    def make(path):
        record = RunRecord("flood", "1.0.0", "Flooding under extreme rain")
        write_cog(Grid(np.full((4, 4), 0.3, np.float32), 120_000, 480_000, 1.0, unit="m"), path)
        finish.finish_raster(path, "Largest water depth", "water_depth", record)
        layer = QgsRasterLayer(str(path), path.stem)
        finish.load_sidecars(layer)
        return layer, record

    return make


@pytest.fixture
def pump():
    """Let Qt work until something is true, or for some seconds; return whether it is."""
    import time

    from qgis.PyQt.QtCore import QCoreApplication, QEvent

    def work(true, seconds=10.0):
        end = time.monotonic() + seconds
        while not true() and time.monotonic() < end:
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            time.sleep(0.01)
        return true()

    return work
