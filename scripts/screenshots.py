"""The pictures of the README, from what `make demo` made of the sample municipality.

xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" .venv/bin/python -m scripts.screenshots
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from osgeo import gdal

from scripts import real_qgis
from scripts.build import ROOT

WIDTH = 1200  # px
COLOURS = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=ROOT / "build" / "demo")
    parser.add_argument("--sample", type=Path, default=ROOT / "build" / "sample")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--only", default="", help="names of pictures, with spaces between them")
    options = parser.parse_args()
    if not (options.demo / "building_depth.gpkg").is_file():
        print(f"screenshots: {options.demo} has no results; run 'make demo' first.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wanted = {"DTWIN_DEMO": str(options.demo.absolute()), "DTWIN_SAMPLE": str(options.sample.absolute())}
        script = ROOT / "scripts" / "screenshots_trial.py"
        done = real_qgis.run(script, folder, timeout=900, PYTHONPATH=str(ROOT), DTWIN_ONLY=options.only, **wanted)
        found = json.loads((folder / "found.json").read_text()) if (folder / "found.json").is_file() else {}
        if "pictures" not in found:
            print(found.get("error", done.stderr[-4000:]), file=sys.stderr)
            return 1
        options.to.mkdir(parents=True, exist_ok=True)
        for name in found["pictures"]:
            target = options.to / f"{name}.png"
            small(folder / f"{name}.png", target)
            print(f"{target} {target.stat().st_size / 1000:.0f} kB")
    return 0


def small(source, target):
    """Write a picture as wide as it is shown, in few colours that are chosen for it."""
    gdal.UseExceptions()
    size = {"width": WIDTH, "height": 0, "resampleAlg": "lanczos", "bandList": [1, 2, 3]}
    plain = gdal.Translate("", str(source), format="MEM", **size)
    bands = [plain.GetRasterBand(number) for number in (1, 2, 3)]
    table = gdal.ColorTable()
    gdal.ComputeMedianCutPCT(*bands, COLOURS, table)
    indexed = gdal.GetDriverByName("MEM").Create("", plain.RasterXSize, plain.RasterYSize, 1)
    indexed.GetRasterBand(1).SetColorTable(table)
    gdal.DitherRGB2PCT(*bands, indexed.GetRasterBand(1), table)
    gdal.GetDriverByName("PNG").CreateCopy(str(target), indexed, options=["ZLEVEL=9"])
    Path(f"{target}.aux.xml").unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
