"""Write the JSON Schema of a run record from the code: `python -m scripts.record_schema`."""

import json
from pathlib import Path

from dtwin_plugin.twin.record_schema import schema

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "schemas" / "run-1.schema.json"


def text() -> str:
    """Return what the file must hold."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
