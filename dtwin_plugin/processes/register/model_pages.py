"""The pages on method and validation, `docs/models/*.md`: which page tells of a model, and its parts by their heading.

The first heading of a page names the models that it is about, as `id`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dtwin_plugin.paths import plugin_file

FOLDER = ("docs", "models")
_LIMITS = ("Where it holds", "Where it does not hold", "Limits", "What it does not know", "Validity")


class Page(NamedTuple):
    """What a page tells, as Markdown; "" where it says nothing of it."""

    file: str
    introduction: str
    method: str
    limits: str
    validation: str


def page_of(model_id: str) -> Page | None:
    """Return the page of a model: that of its own name before one that it shares; None if no page names it."""
    found = [(path.stem != model_id, path.name, text) for path, text in _texts() if model_id in _models(text)]
    if not found:
        return None
    _, file, text = min(found)
    parts = sections(text)
    limits = next((parts[title] for title in _LIMITS if title in parts), "")
    return Page(file, parts.get("", ""), parts.get("Method", ""), limits, parts.get("Validation", ""))


def sections(text: str) -> dict[str, str]:
    r"""Return the parts of a page by their heading of the second level; "" is what stands before the first.

    >>> sections("# Page\n\nOn it.\n\n## Method\n\nAdd.\n")
    {'': 'On it.', 'Method': 'Add.'}
    """
    pieces = re.split(r"^## +(.+?) *$", re.sub(r"\A# .*\n", "", text), flags=re.MULTILINE)
    return {title: body.strip() for title, body in zip(["", *pieces[1::2]], pieces[::2])}


def _models(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text.partition("\n")[0])


@lru_cache(maxsize=1)
def _texts() -> tuple[tuple[Path, str], ...]:
    return tuple((path, path.read_text(encoding="utf-8")) for path in sorted(plugin_file(*FOLDER).glob("*.md")))
