"""The texts that a user can see, and which of them have no translation: `python -m scripts.texts nl`."""

import ast
import sys
from pathlib import Path

from dtwin_plugin.translate import texts

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("dtwin_plugin", "processing_algorithms")
# calls whose first argument, or the named ones, are shown
SHOWN = {"tr": (), "Field": ("doc",), "Model": ("title", "group", "summary", "validity"), "Entry": (), "Step": ()}
POSITION = {"Field": 1, "Entry": 1, "Step": 2, "Problem": 2}
CLASS_TEXTS = ("TITLE", "GROUP", "SUMMARY")


def _constants(node: ast.AST) -> list[str]:
    """The string constants of a node that are prose: a word with a capital, or a sentence."""
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]


def _of_call(call: ast.Call) -> list[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    found: list[ast.AST] = []
    if name in SHOWN or name.endswith("Error") or name in POSITION:
        position = POSITION.get(name, 0)
        found += call.args[position : position + 1] if name != "Model" else []
        wanted = (*SHOWN.get(name, ()), "hint", "choices")
        found += [
            value
            for k in call.keywords
            if k.arg in wanted
            for value in (k.value.values if isinstance(k.value, ast.Dict) else [k.value])
        ]
    return [text for node in found if not isinstance(node, ast.Name) for text in _constants(node)]


def collect() -> dict[str, str]:
    """Return every text with the file that it stands in."""
    result: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                found = _of_call(node) if isinstance(node, ast.Call) else []
                if isinstance(node, ast.ClassDef):
                    for statement in node.body:
                        if isinstance(statement, ast.Assign):
                            names = _constants_of_assignment(statement)
                            found += names
                for text in found:
                    if any(c.isalpha() for c in text) and " " in text or text[:1].isupper():
                        result.setdefault(text, str(path.relative_to(ROOT)))
    return result


def _constants_of_assignment(statement: ast.Assign) -> list[str]:
    targets = statement.targets[0]
    names = [t.id for t in targets.elts] if isinstance(targets, ast.Tuple) else [getattr(targets, "id", "")]
    values = statement.value.elts if isinstance(statement.value, ast.Tuple) else [statement.value]
    return [text for n, v in zip(names, values) if n in CLASS_TEXTS for text in _constants(v)]


def missing(code: str) -> dict[str, str]:
    """Return the texts without a translation in a language."""
    known = texts(code)
    return {text: place for text, place in collect().items() if text not in known}


if __name__ == "__main__":
    lacking = missing(sys.argv[1] if len(sys.argv) > 1 else "nl")
    for text, place in lacking.items():
        print(f"{place}: {text}")
    sys.exit(1 if lacking else 0)
