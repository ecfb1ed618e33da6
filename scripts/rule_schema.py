"""Write what is documented of rule files from the code: `python -m scripts.rule_schema`.

That is the JSON Schema, `docs/schemas/rules-1.schema.json`, and the quantities in `docs/models/plan-rules.md`.
"""

import json
import textwrap
from pathlib import Path

from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import Quantity
from dtwin_plugin.models.plan.rule_schema import schema

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA, PAGE = DOCS / "schemas" / "rules-1.schema.json", DOCS / "models" / "plan-rules.md"
START, END = "<!-- from the code -->\n", "\n<!-- to here -->"
SENSES = {"at_most": "at most", "at_least": "at least"}


def texts() -> dict[Path, str]:
    """Return what each file must hold."""
    before, _, rest = PAGE.read_text("utf-8").partition(START)
    after = rest.partition(END)[2]
    page = f"{before}{START}\n{_table()}\n\n{_meanings()}\n{END}{after}"
    return {SCHEMA: json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", PAGE: page}


def _table() -> str:
    rows = [_row(item) for item in QUANTITIES.values()]
    return "\n".join(["| quantity | unit | norm is | settings |", "| --- | --- | --- | --- |", *rows])


def _row(item: Quantity) -> str:
    settings = ", ".join(f"`{name}` {value:g}" for name, value in item.settings.items()) or "none"
    return f"| `{item.id}` | {item.unit} | {SENSES[item.sense]} | {settings} |"


def _meanings() -> str:
    texts = (f"**`{item.id}`** {item.title}. {item.doc}" for item in QUANTITIES.values())
    return "\n\n".join(textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False) for text in texts)


if __name__ == "__main__":
    for path, text in texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
