"""Steps that are kept: each in a folder that is named after all that decides on its outcome.

A folder counts once `step.json` lies in it, which is written last. Results stand at their own place while they are
made, so that the paths in their records are true; what was left half-way is removed and made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside

from ..record import checksum_of_data, plain

DONE, RECORD = "step.json", "record.json"
_SHOWN = 16  # characters of a key that name its folder; two of a million steps share them once in 10^8 studies
_LARGEST = 1 << 20  # bytes of a step.json


@dataclass
class Made:
    """What a step gave.

    Attributes
    ----------
    outputs : dict
        Paths of files and values of numbers by the name of the output.
    checksums : dict
        SHA-256 of the files.
    record : str
        Path of its run record, "" where the algorithm writes none.
    """

    key: str
    folder: Path
    outputs: dict[str, Any] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    record: str = ""
    calculated: str = ""


def key_of(algorithm: str, versions: Mapping[str, str], inputs: Any, outputs: Mapping[str, str]) -> str:
    """Return the key of a step; the files in its inputs are named by their checksums.

    >>> one = key_of("dtwin:flood", {"model": "1.0"}, {"rain": 70}, {"depth": ".tif"})
    >>> one == key_of("dtwin:flood", {"model": "1.0"}, {"rain": 70}, {"depth": ".tif"}), len(one)
    (True, 64)
    >>> one == key_of("dtwin:flood", {"model": "1.1"}, {"rain": 70}, {"depth": ".tif"})
    False
    """
    text = json.dumps([algorithm, plain(versions), plain(inputs), plain(outputs)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def folder_of(results: Path, key: str) -> Path:
    """Return the folder of a step."""
    return results / "steps" / key[:_SHOWN]


def places(folder: Path, outputs: Mapping[str, str]) -> dict[str, str]:
    """Return where a step writes each of its files.

    >>> places(Path("a"), {"depth": ".tif", "area": ""}) == {"depth": str(Path("a") / "depth.tif")}
    True
    """
    return {name: str(folder / f"{name}{suffix}") for name, suffix in outputs.items() if suffix}


def kept(results: Path, key: str, outputs: Mapping[str, str], cancelled: Callable[[], bool]) -> Made | None:
    """Return what a step gave that was calculated before; None where it was not, or where its files have changed."""
    folder = folder_of(results, key)
    path = folder / DONE
    try:
        if path.stat().st_size > _LARGEST:
            return None
        told = json.loads(path.read_text(encoding="utf-8"))
        made = Made(key, folder, calculated=str(told["calculated"]))
        where, sums, values = places(folder, outputs), dict(told["checksums"]), dict(told["values"])
        whole = told["key"] == key
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    for name, sha256 in sums.items():
        file = Path(where.get(name, ""))
        if not whole or name not in where or not file.is_file() or checksum_of_data(file, cancelled) != sha256:
            return None
        made.outputs[name], made.checksums[name] = str(file), sha256
    made.outputs.update({name: value for name, value in values.items() if outputs.get(name) == ""})
    made.record = str(folder / RECORD) if (folder / RECORD).is_file() else ""
    return made if whole else None


def begun(results: Path, key: str) -> Path:
    """Return an empty folder for a step; what was left there half-way is removed."""
    folder = folder_of(results, key)
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def finished(made: Made, algorithm: str, cancelled: Callable[[], bool]) -> None:
    """Take the checksums of the files that a step made, and mark it as whole."""
    files = {name: Path(value) for name, value in made.outputs.items() if isinstance(value, str)}
    made.checksums = {name: checksum_of_data(path, cancelled) for name, path in files.items() if path.is_file()}
    values = {name: plain(value) for name, value in made.outputs.items() if name not in made.checksums}
    told = {
        "key": made.key, "algorithm": algorithm, "calculated": made.calculated, "checksums": made.checksums,
        "values": values,
    }  # fmt: skip
    if not cancelled():
        with written_beside(made.folder / DONE) as temporary:
            temporary.write_text(json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8")
