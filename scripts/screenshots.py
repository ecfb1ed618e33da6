"""The pictures of the README, from what `make demo` made of the sample municipality.

xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" .venv/bin/python -m scripts.screenshots
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from osgeo import gdal
from scipy.spatial import cKDTree

from scripts import real_qgis
from scripts.build import ROOT

WIDTH = 1200  # px
COLOURS = 128
SCENES = ("waterdam", "buildings", "flood", "facades", "noise", "street")
PANEL = "scenarios"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=ROOT / "build" / "demo")
    parser.add_argument("--sample", type=Path, default=ROOT / "build" / "sample")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", nargs="*", default=[*SCENES, PANEL], choices=[*SCENES, PANEL])
    options = parser.parse_args()
    if not (options.demo / "building_depth.gpkg").is_file():
        print(f"screenshots: {options.demo} has no results; run 'make demo' first.", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if PANEL in options.only:
            panel(folder, options)
        for name in [name for name in SCENES if name in options.only]:
            scene(name, folder, options)
        for name in options.only:
            small(folder / f"{name}.png", options.to / f"{name}.png")
    return 0


def scene(name, folder, options):
    """Make the picture of a scene, off screen."""
    from scripts import screenshots_scenes
    from scripts.screenshots_studio import Studio

    begun = time.monotonic()
    getattr(screenshots_scenes, name)(Studio(folder, options.demo, options.sample))
    print(f"{name}: {time.monotonic() - begun:.0f} s", flush=True)


def panel(folder, options):
    """Make the picture of the panel, in the real QGIS."""
    wanted = {"DTWIN_DEMO": str(options.demo.absolute()), "PYTHONPATH": str(ROOT)}
    done = real_qgis.run(ROOT / "scripts" / "screenshots_trial.py", folder, timeout=600, **wanted)
    if not (folder / f"{PANEL}.png").is_file():
        found = folder / "found.json"
        raise SystemExit(found.read_text() if found.is_file() else done.stderr[-4000:])


def small(source, target):
    """Write a picture as wide as it is shown, in few colours that are chosen for it."""
    gdal.UseExceptions()
    size = {"width": WIDTH, "height": 0, "resampleAlg": "lanczos", "bandList": [1, 2, 3]}
    plain = gdal.Translate("", str(source), format="MEM", **size)
    table = gdal.ColorTable()
    gdal.ComputeMedianCutPCT(*(plain.GetRasterBand(number) for number in (1, 2, 3)), COLOURS, table)
    colours = np.array([table.GetColorEntry(number)[:3] for number in range(table.GetCount())])
    pixels = plain.ReadAsArray().reshape(3, -1).T
    nearest = cKDTree(colours).query(pixels)[1].reshape(plain.RasterYSize, plain.RasterXSize)
    indexed = gdal.GetDriverByName("MEM").Create("", plain.RasterXSize, plain.RasterYSize, 1)
    indexed.GetRasterBand(1).SetColorTable(table)
    indexed.GetRasterBand(1).WriteArray(nearest.astype(np.uint8))
    gdal.GetDriverByName("PNG").CreateCopy(str(target), indexed, options=["ZLEVEL=9"])
    Path(f"{target}.aux.xml").unlink(missing_ok=True)
    print(f"{target} {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # QGIS may crash when Python destroys what it made of scenes; the pictures are there by then
