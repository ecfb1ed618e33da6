"""The panel in the real QGIS, under a virtual screen: what a user sees, as pictures in `build/screenshots`."""

import json
import shutil
import socket
from pathlib import Path

import pytest

PRODUCTS = ("buildings3d", "bgt", "terrain")


@pytest.fixture(scope="module")
def services(sample):
    from scripts.national import national

    with national(sample) as running:
        running.write_catalogue(sample / "own.json")
        yield sample / "own.json"


@pytest.fixture
def silent_catalogue(tmp_path):
    """A list of sources at a server that takes questions and gives no answers."""
    from dtwin_plugin.catalogue.reading import national_entries

    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        rows = [national_entries()[name].as_row() for name in ("3dbag-api", "bgt-ogcapi", "ahn-wcs")]
        path = tmp_path / "silent.json"
        path.write_text(json.dumps([{**row, "url": f"{url}/{row['id']}"} for row in rows]))
        yield path


def variables(catalogue, **more):
    return {"DTWIN_CATALOGUE": str(catalogue), "DTWIN_PRODUCTS": ",".join(PRODUCTS), **more}


@pytest.mark.gl
@pytest.mark.slow
def test_the_panel_loads_an_area_in_the_real_qgis(real_qgis, root, tmp_path, services):
    found = real_qgis("desktop_trial", tmp_path, "nl", **variables(services))
    assert found["title"] == "Bronnen" and "(3)" in found["button"]
    assert found["states"] == dict.fromkeys(PRODUCTS, "geladen"), found["message"]
    (group,) = found["groups"]  # called by the middle of the map, whose width follows the window
    assert group.startswith("RD 112500, 460475 – ") and len(found["layers"]) >= 5
    pictures = Path(root) / "build" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    for name in ("panel", "loaded"):
        shutil.copy(tmp_path / f"{name}.png", pictures / f"{name}.png")
    assert colours(tmp_path / "loaded.png") > 200 > 0  # a map with roofs and relief, and not an empty window
    assert colours(tmp_path / "loaded.png") > colours(tmp_path / "panel.png")


@pytest.mark.gl
@pytest.mark.slow
def test_the_plugin_is_unloaded_during_a_load_and_starts_again(real_qgis, tmp_path, silent_catalogue):
    """Its panel is gone, its run has ended, and QGIS goes on: it died of it once."""
    found = real_qgis("desktop_trial", tmp_path, **variables(silent_catalogue, DTWIN_UNLOAD="1"))
    assert found["running"] == [True, True] and found["docks"] == [0, 0] and found["again"]
    assert "Traceback" not in (tmp_path / "output.txt").read_text()


def colours(path):
    """How many colours a picture has."""
    from qgis.PyQt.QtGui import QImage

    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})
