"""Write the JSON Schema of rule files, `docs/schemas/rules-1.schema.json`: `python -m scripts.rule_schema`."""

import json
from pathlib import Path

from dtwin_plugin.models.plan.rule_schema import schema

PATH = Path(__file__).resolve().parent.parent / "docs" / "schemas" / "rules-1.schema.json"


def text() -> str:
    """Return what the file must hold."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(text(), encoding="utf-8")
