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
