"""What the plugin costs QGIS: loading it, its start in a window, and one run through `qgis_process`."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REPEATS = 5
LOAD = """
import sys, time
from qgis.core import QgsApplication
app = QgsApplication([], False); app.initQgis()
sys.path.append(QgsApplication.pkgDataPath() + "/python/plugins")
import qgis.utils, processing
from processing.core.Processing import Processing
Processing.initialize()
sys.path.insert(0, "build")
started = time.perf_counter()
import dtwin_plugin
plugin = dtwin_plugin.classFactory(None)
plugin.initProcessing()
print(time.perf_counter() - started)
plugin.unload()
"""


def environment(folder: str) -> dict[str, str]:
    # A user's QGIS keeps what it compiled; without that each start would compile the plugin anew.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": folder,
        "QGIS_CUSTOM_CONFIG_PATH": folder,
        "QGIS_PLUGINPATH": str(ROOT / "build"),
        "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
    }


def seconds(command: list[str], variables: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - started


def in_a_window() -> list[dict]:
    """The start with menu and panels, in the real QGIS on a virtual screen; no rows where there is none."""
    if shutil.which("qgis") is None or shutil.which("xvfb-run") is None:
        return []
    with tempfile.TemporaryDirectory() as folder:
        command = ["xvfb-run", "-a", sys.executable, "-m", "scripts.bench.qgis", folder]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=400)
        found = json.loads((Path(folder) / "found.json").read_text())
    if "error" in found or found["3d"]:
        raise SystemExit(f"bench qgis: {found.get('error', 'the start loads the library of 3D')}")
    name = "start of the plugin in QGIS with its menu, compiled before"
    return [
        {"name": f"{name}{of}", "value": found[thing], "unit": "s", "baseline": None, "ratio": None, "target": "< 0.2"}
        for of, thing in (("", "seconds"), (": of the processor", "processor"))
    ]


def rows() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        variables = environment(folder)
        loads = []
        for _ in range(REPEATS):
            done = subprocess.run(
                [sys.executable, "-c", LOAD], env=variables, cwd=ROOT, capture_output=True, text=True, check=True
            )
            loads.append(float(done.stdout.split()[-1]))
        subprocess.run(
            ["qgis_process", "plugins", "enable", "dtwin_plugin"], env=variables, capture_output=True, check=True
        )
        bare = statistics.median(
            seconds(["qgis_process", "--skip-loading-plugins", "list"], variables) for _ in range(REPEATS)
        )
        full = statistics.median(seconds(["qgis_process", "help", "dtwin:flood"], variables) for _ in range(REPEATS))
    load = statistics.median(loads)
    return [
        {"name": "plugin load in QGIS", "value": load, "unit": "s", "baseline": None, "ratio": None, "target": "< 0.2"},
        {
            "name": "qgis_process help dtwin:flood (baseline: QGIS without plugins)",
            "value": full,
            "unit": "s",
            "baseline": bare,
            "ratio": full / bare,
            "target": None,
        },
        *in_a_window(),
    ]


if __name__ == "__main__":
    from scripts import real_qgis

    real_qgis.run(ROOT / "scripts" / "start_trial.py", Path(sys.argv[1]), timeout=380, PYTHONPATH=str(ROOT))
