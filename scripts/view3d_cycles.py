"""QGIS does not die: layers of every kind come, change and go while 3D views show them, in the real QGIS.

xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" .venv/bin/python -m scripts.view3d_cycles --rounds 50
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts import real_qgis
from scripts.build import ROOT


def cycles(folder, rounds, times=50, seconds=3600, parts=(), kinds=()):
    """Return what was done, with the exit code of QGIS and where it died if it did."""
    surroundings = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QGIS_CUSTOM_CONFIG_PATH": str(folder / "settings")}
    make = [sys.executable, "-m", "scripts.small_twin", str(folder)]
    subprocess.run(make, cwd=ROOT, env=surroundings, check=True, capture_output=True)
    script = ROOT / "scripts" / "view3d_cycles_trial.py"
    wanted = {"DTWIN_ROUNDS": str(rounds), "DTWIN_TIMES": str(times), "DTWIN_STUCK": str(seconds)}
    wanted |= {"DTWIN_PARTS": " ".join(parts), "DTWIN_KINDS": " ".join(kinds)}
    done = real_qgis.run(script, folder, timeout=seconds + 30, PYTHONPATH=str(ROOT), **wanted)
    found = json.loads((folder / "found.json").read_text())
    return {
        **found,
        "exit": done.returncode,
        "died": (folder / "died.txt").read_text(),
        "stderr": done.stderr,
        "stdout": done.stdout,
        "lines": (folder / "rounds.txt").read_text().splitlines() if (folder / "rounds.txt").exists() else [],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=3600, help="after which QGIS is taken to hang")
    parser.add_argument("--folder", type=Path, help="kept, with rounds.txt to follow it by; default one that goes")
    parser.add_argument("--parts", nargs="*", default=[], help="of the trial, by name; default all")
    parser.add_argument("--kinds", nargs="*", default=[], help="of layers, by name; default all")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = options.folder or Path(folder)
        found = cycles(where, options.rounds, options.times, options.seconds, options.parts, options.kinds)
    print(json.dumps(found, indent=1))
    return found["exit"] or bool(found.get("error") or found["faults"])


if __name__ == "__main__":
    sys.exit(main())
