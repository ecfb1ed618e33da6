"""The panel in the real QGIS, under a virtual screen: what a user sees, as pictures in `build/screenshots`."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PRODUCTS = ("buildings3d", "bgt", "terrain")


@pytest.fixture(scope="module")
def services(root, tmp_path_factory):
    from scripts.national import national

    data = tmp_path_factory.mktemp("sample")
    subprocess.run([sys.executable, "-m", "resources.sample", str(data)], cwd=root, check=True, capture_output=True)
    with national(data) as running:
        running.write_catalogue(data / "own.json")
        yield data / "own.json"


def start(root, folder, catalogue, language):
    settings = folder / "profiles" / "profiles" / "default" / "QGIS"
    settings.mkdir(parents=True)
    (settings / "QGIS3.ini").write_text(
        f"[locale]\nuserLocale={language}\noverrideFlag=true\n[PythonPlugins]\ndtwin_plugin=true\n"
        "[core]\nNewsFeed\\httpsfeedqgisorg\\disabled=true\n[qgis]\ncheckVersion=false\nshowTips=false\n"
        "[app]\nprojections\\unknownCrsBehavior=NoAction\n"
    )
    variables = {
        **os.environ,
        "PATH": f"{root / '.venv' / 'bin'}:{os.environ['PATH']}",
        "QGIS_PLUGINPATH": str(root / "build"),
        "DTWIN_CATALOGUE": str(catalogue),
        "DTWIN_TRIAL": str(folder),
        "DTWIN_PRODUCTS": ",".join(PRODUCTS),
        "QT_QPA_PLATFORM": "xcb",
        "XDG_RUNTIME_DIR": str(folder),
    }
    variables.pop("QGIS_CUSTOM_CONFIG_PATH", None)
    script = root / "scripts" / "desktop_trial.py"
    command = [
        "qgis",
        "--nologo",
        "--noversioncheck",
        "--profiles-path",
        str(folder / "profiles"),
        "--code",
        str(script),
    ]
    return subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=150)


@pytest.mark.gl
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("qgis") is None, reason="needs the QGIS desktop")
@pytest.mark.parametrize(
    ("language", "title", "loaded", "group"),
    [("en", "Sources", "loaded", "Digital twin"), ("nl", "Bronnen", "geladen", "Digitale tweeling")],
)
def test_the_panel_loads_an_area_in_the_real_qgis(root, tmp_path, services, language, title, loaded, group):
    done = start(root, tmp_path, services, language)
    assert (tmp_path / "found.json").is_file(), done.stdout[-2000:] + done.stderr[-2000:]
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["title"] == title and "(3)" in found["button"]
    assert found["states"] == dict.fromkeys(PRODUCTS, loaded), found["message"]
    assert found["groups"] == [group] and len(found["layers"]) >= 5
    pictures = Path(root) / "build" / "screenshots"
    pictures.mkdir(parents=True, exist_ok=True)
    for name in ("panel", "loaded"):
        shutil.copy(tmp_path / f"{name}.png", pictures / f"{name}-{language}.png")
    assert colours(tmp_path / "loaded.png") > 200 > 0  # a map with roofs and relief, and not an empty window
    assert colours(tmp_path / "loaded.png") > colours(tmp_path / "panel.png")


def colours(path):
    """How many colours a picture has."""
    from qgis.PyQt.QtGui import QImage

    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB32)
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})
