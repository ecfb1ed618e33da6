"""`python -m scripts.validate [--model flood] [--cases DIR]`: print the table and write build/validation.json.

Without a folder the built-in cases run; with one, its case files (`*.json`, see docs/models/case-files.md) and the
TNTP networks in it run instead.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

from dtwin_plugin.errors import DtwinError, FormatError

from . import traffic

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("flood", "noise", "plan", "quality", "subsurface", "sunlight", "traffic")
CASE_FILES = ("flood", "noise", "quality")
COLUMNS = {"model": 12, "case": 54, "quantity": 30, "expected": 10, "got": 10, "tolerance": 10, "ok": 3}


def built_in(models):
    for model in models:
        yield from import_module(f"scripts.validate.{model}").rows()


def from_folder(folder, models):
    files = sorted(Path(folder).glob("*.json")) + sorted(Path(folder).glob("*/*.json"))
    files = [path for path in files if path.name != traffic.REFERENCE]
    networks = traffic.folders_of(folder) if "traffic" in models else []
    for network in networks:
        yield from traffic.folder_rows(network)
    if not files and not networks:
        raise FormatError("{folder} has no case files (*.json) and no TNTP networks (*_net.tntp).", folder=folder)
    for path in files:
        try:
            case = json.loads(path.read_text(encoding="utf-8"))
            name = case["model"] if "model" in case else known_by_its_keys(case)
        except (ValueError, KeyError, TypeError) as error:
            if path.parent != Path(folder) and path.stem != "case":
                continue  # in a folder for each case there may be other files
            raise FormatError(
                'Case file {file} must be a JSON object with "model": {error}.',
                hint="See docs/models/case-files.md.",
                file=path.name,
                error=error,
            ) from error
        if name not in CASE_FILES:
            yield f"{path.name} skipped: model {name} has no case files; known: {', '.join(CASE_FILES)}"
        elif name in models:
            yield from import_module(f"scripts.validate.{name}").case_rows({"case": name_of(path), **case}, path.parent)


def known_by_its_keys(case):
    """Return the model of a case or table as others publish it, which does not name one."""
    if isinstance(case, dict):
        noise = any(word in case.get("title", "") for word in ("CNOSSOS", "Standaardrekenmethode"))
        if noise or {"source", "receiver", "expected"} <= case.keys():
            return "noise"
    return case["model"]


def name_of(path):
    return path.parent.name if path.stem == "case" else path.stem


def show(value):
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def line(cells):
    left = ("model", "case", "quantity")
    return " | ".join(f"{cells[c]:<{w}}" if c in left else f"{cells[c]:>{w}}" for c, w in COLUMNS.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS)
    parser.add_argument("--cases", metavar="DIR")
    options = parser.parse_args()
    models = [options.model] if options.model else MODELS
    rows = []
    print(line({column: column for column in COLUMNS}), flush=True)
    try:
        for row in from_folder(options.cases, models) if options.cases else built_in(models):
            if isinstance(row, str):
                print(row, flush=True)
                continue
            rows.append(row)
            cells = {column: show(row[column]) for column in COLUMNS}
            if row.get("information"):
                cells["ok"] += "*"
            print(line(cells), flush=True)
    except DtwinError as error:
        print(f"validate: {error}", file=sys.stderr)
        return 2
    target = ROOT / "build" / "validation.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    wrong = sum(not row["ok"] and not row.get("information") for row in rows)
    known = sum(not row["ok"] for row in rows) - wrong
    print(f"{len(rows)} values, {wrong} outside their tolerance; in {target.relative_to(ROOT)}")
    if known:
        print(f"* for information: {known} outside their tolerance that do not count")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
