"""Write the JSON Schema of twin files: `python -m scripts.twin_schema`."""

import json
from pathlib import Path

from dtwin_plugin.twin.study.schema import schema

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "schemas" / "twin-1.schema.json"


def text() -> str:
    """Return what the file must hold."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
