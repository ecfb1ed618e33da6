"""Call GRASS: a location of the terrain's own system, slopes, r.sim.water, and the depth as GeoTIFF."""

import subprocess
import sys
from pathlib import Path

SEED = 1  # the same rain gives the same depth


def main(terrain: str, depth: str, work: str, rain: str, roughness: str, minutes: str) -> None:
    """Run the steps, each a module of GRASS, in a location that goes with the run."""
    mapset = Path(work) / "location" / "PERMANENT"
    subprocess.run(["grass", "-c", terrain, "-e", str(mapset.parent)], check=True)
    steps = [
        ["r.in.gdal", f"input={terrain}", "output=terrain", "--quiet"],
        ["g.region", "raster=terrain"],
        ["r.slope.aspect", "elevation=terrain", "dx=dx", "dy=dy", "--quiet"],
        [
            "r.sim.water", "elevation=terrain", "dx=dx", "dy=dy", f"rain_value={rain}", f"man_value={roughness}",
            f"niterations={minutes}", f"random_seed={SEED}", "depth=depth", "--quiet",
        ],
        [
            "r.out.gdal", "input=depth", f"output={depth}", "format=GTiff", "type=Float32", "nodata=-9999", "-c",
            "--quiet",
        ],
    ]  # fmt: skip
    for number, step in enumerate(steps):
        sys.stdout.write(f"PROGRESS {100 * number // len(steps)} % {step[0]}\n")
        sys.stdout.flush()
        subprocess.run(["grass", str(mapset), "--exec", *step], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
