"""Write the reference pages, `docs/reference/<id>.md`, from the descriptions alone: `python -m scripts.reference`."""

from pathlib import Path

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.base import Field, Model
from processing_algorithms.loaders import LOADERS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"

_CHOICES = (
    "A choice is given by its number in `qgis_process`, in batch tables and in the modeller, "
    "and by its name in study files, on a server and in Python."
)


def _details(item: Field) -> str:
    parts = [item.doc]
    if item.choices:
        known = (f"{number} = `{key}` {title}" for number, (key, title) in enumerate(item.choices.items()))
        parts.append("Choices: " + "; ".join(known) + ".")
    if item.columns:
        parts.append("Columns: " + ", ".join(f"`{name}` [{unit}]" for name, unit in item.columns.items()) + ".")
    if item.minimum is not None and item.maximum is not None:
        parts.append(f"{item.minimum:g} to {item.maximum:g}.")
    return " ".join(parts).replace("|", "\\|")


def _row(item: Field, is_input: bool) -> str:
    unit = "" if item.unit == "1" else item.unit
    if not is_input:
        return f"| `{item.name}` | {item.title} | {item.kind} | {unit} | {_details(item)} |"
    default = "optional" if item.optional else "required" if item.default is None else f"`{item.default}`"
    title = item.title + (" (advanced)" if item.advanced else "")
    return f"| `{item.name}` | {title} | {item.kind} | {unit} | {default} | {_details(item)} |"


def page(model: Model) -> str:
    """Return the reference page of a model or loader."""
    lines = [f"# {model.title}", "", f"`dtwin:{model.id}` {model.version} · {model.group}", "", model.summary, ""]
    lines += ["## Inputs", "", "| name | title | kind | unit | default | |", "| --- | --- | --- | --- | --- | --- |"]
    lines += [_row(item, True) for item in model.inputs]
    if any(item.choices for item in model.inputs):
        lines += ["", _CHOICES]
    lines += ["", "## Outputs", "", "| name | title | kind | unit | |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(item, False) for item in model.outputs]
    if model.validity:
        lines += ["", "## Validity", "", model.validity]
    if model.uncertainty:
        lines += ["", "## Uncertainty", "", model.uncertainty]
    if model.references:
        lines += ["", "## References", "", *(f"- {reference}" for reference in model.references)]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Return every page with its path."""
    return {FOLDER / f"{model.id}.md": page(model) for model in (*LOADERS.values(), *MODELS.values())}


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
