"""The tests of geometry against bodies with known faults, the files of val3dity, and what 3DBAG says of itself."""

import os
import re
from pathlib import Path

from dtwin_plugin.data import Surfaces
from dtwin_plugin.errors import DtwinError, FormatError
from dtwin_plugin.models.quality import Tolerances, examine
from dtwin_plugin.sources.cityjson import CityJsonSource

from .quality_cases import by_hand

ROOT = Path(__file__).resolve().parents[2]
RIGHT, REFUSED = "right", "refused"
FILES = {  # what val3dity made them for, in its folder of test data
    "cube_v10.city.json": (),
    "cube_v11.city.json": (),
    "msol.json": (),
    "several_lods_valid.json": (),
    "torus.city.json": (),
    "3dbag_b2.city.jsonl": ("102",),  # a ring has vertex 18 twice
    "501.json": ("501",),
    "601.json": ("601",),
    "cube10.json": ("302",),  # its bottom is missing
    "csol.json": ("102",),  # a ring has vertex 14 twice
    "nonmanifold.json": ("302", "303"),  # two holes that meet at a point
    "completely_empty.json": (REFUSED,),
    "invalid_json_cityjson.json": (REFUSED,),
    "invalid_schema_cityjson_2.json": (REFUSED,),
    "notransform.city.jsonl": (REFUSED,),
}
# Buildings of 3DBAG of which we may think otherwise than `b3_val3dity_*`: at LoD 2.2 three have a point twice (102) in
# the file, which 3DBAG wrote in millimetres after it had tested.
OTHERWISE = {"1.2": 0, "1.3": 0, "2.2": 3}


def rows():
    for name, surfaces, code in by_hand():
        yield row(name, code or RIGHT, found_in(surfaces))
    folder = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data" / "cityjson"
    if not folder.is_dir():
        yield "files of val3dity, 3DBAG: skipped: needs the shared data"
        return
    for name, expected in FILES.items():
        yield from case_rows({"case": name, "file": name, "expected": expected}, folder / "val3dity")
    for lod, otherwise in OTHERWISE.items():
        yield from beside_3dbag(folder / "delft_3dbag" / "extension.city.jsonl", lod, otherwise)


def case_rows(case, folder):
    """Examine the file of a case and yield a row of its codes."""
    try:
        file, expected, given = folder / case["file"], sorted(case["expected"]), case.get("tolerances", {})
        tolerances = Tolerances(**{name: float(value) for name, value in given.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(
            "Case {case} is not as expected: {error}.",
            hint="See docs/models/case-files.md.",
            case=case["case"],
            error=error,
        ) from error
    if not file.is_file():
        raise FormatError("The file {file} of case {case} does not exist.", file=file, case=case["case"])
    try:
        surfaces = read(file, case.get("lod"))
        got = RIGHT if surfaces is None else found_in(surfaces, tolerances)
    except DtwinError:
        got = REFUSED
    yield row(case["case"], ", ".join(expected) or RIGHT, got)


def read(file, lod=None):
    """Return the surfaces of a file; None where its objects have none, in which nothing can be wrong."""
    chunks = list(CityJsonSource(file, lod=lod, assume_crs="EPSG:7415").read())
    return Surfaces.concatenate(chunks) if chunks else None


def found_in(surfaces, tolerances=None):
    return ", ".join(sorted(set(examine(surfaces, tolerances)[0].codes))) or RIGHT


def beside_3dbag(file, lod, otherwise):
    """Yield how many buildings are right or wrong alike, and how many have the same codes, by the owner and by us."""
    surfaces = read(file, lod)
    found, mesh = examine(surfaces)
    ours = [set() for _ in range(surfaces.object_count)]
    for one, code in zip(mesh.shells.row[found.all_shells()].tolist(), found.codes):
        ours[one].add(code)
    said = surfaces.columns[f"b3_val3dity_lod{lod.replace('.', '')}"]
    theirs = [set(re.findall(r"\d+", str(codes))) for codes in said]
    alike = sum(bool(a) == bool(b) for a, b in zip(ours, theirs))
    same = sum(a == b for a, b in zip(ours, theirs))
    yield row(f"3DBAG Delft, LoD {lod}", len(said), alike, "right or wrong alike", otherwise)
    yield {**row(f"3DBAG Delft, LoD {lod}", len(said), same, "the same codes", otherwise), "information": True}


def row(case, expected, got, quantity="codes", tolerance=None):
    ok = got == expected if tolerance is None else abs(got - expected) <= tolerance
    return {
        "model": "quality",
        "case": case,
        "quantity": quantity,
        "expected": expected,
        "got": got,
        "tolerance": "" if tolerance is None else tolerance,
        "ok": bool(ok),
        "information": False,
    }
