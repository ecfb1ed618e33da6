"""Write the JSON Schema of descriptions of models of others: `python -m scripts.model_schema`."""

import json
from pathlib import Path

from dtwin_plugin.processes.plugged.schema import schema

SCHEMA = Path(__file__).resolve().parent.parent / "docs" / "schemas" / "model-1.schema.json"


def text() -> str:
    """Return what the file must hold."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
