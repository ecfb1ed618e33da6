"""What a study gave, written into its twin file where the user asks for that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import InputError

from ..record import checksum, plain


def save_runs(path: Path, sha256: str, runs: Mapping[str, Any]) -> None:
    """Put runs into a twin file, in the place of those of the same scenarios; the rest stays as it is.

    Parameters
    ----------
    sha256 : str
        Of the file when the study began.

    Raises
    ------
    InputError
        If somebody has changed the file since.
    """
    if checksum(path) != sha256:
        raise InputError(
            "{file} was changed while the study ran; its runs were not written into it.",
            hint="Run the study again: what is calculated is kept.",
            file=path.name,
        )
    twin = json.loads(path.read_text(encoding="utf-8"))
    twin["runs"] = {**twin.get("runs", {}), **plain(runs)}
    with written_beside(path) as temporary:
        temporary.write_text(json.dumps(twin, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
