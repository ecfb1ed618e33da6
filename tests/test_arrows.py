"""The arrows of the house run one way, and a machine sees to it."""

import re
import subprocess
import sys

PURE = ("data", "sources", "catalogue", "models", "processes", "twin")
# package -> packages of the house that it may import; errors, later, paths, progress and translate are everybody's
ALLOWED = {
    "data": set(),
    "sources": {"data", "catalogue"},
    "catalogue": {"data"},  # how a file is written whole
    "models": {"data"},
    "processes": {"data", "sources", "catalogue", "models"},
    "twin": {"data", "models"},  # how a file that people write is read, and its mistakes listed
    "layers": {"data", "sources", "catalogue", "models", "processes", "twin"},
    "gui": {"layers", "data", "catalogue", "processes", "twin"},
}
COMMON = {"errors", "later", "paths", "progress", "translate"}

BLOCKED = """
import sys, importlib, pkgutil
sys.modules["qgis"] = None
sys.modules["osgeo"] = None
sys.modules["numba"] = None
sys.modules["laspy"] = None
import dtwin_plugin
count = 0
for package in {pure!r}:
    module = importlib.import_module("dtwin_plugin." + package)
    for info in pkgutil.walk_packages(module.__path__, module.__name__ + "."):
        if not info.name.endswith(("__main__", "kernels")):
            importlib.import_module(info.name)
            count += 1
print(count)
"""


def test_pure_packages_import_without_qgis_gdal_numba_and_laspy(root):
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED.format(pure=PURE)], cwd=root, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


def imported(text):
    """The packages of the house that a module imports."""
    absolute = re.findall(r"^\s*(?:from|import) dtwin_plugin\.?(\w*)", text, re.MULTILINE)
    return {name for name in absolute if name}


def test_arrows_run_one_way(root):
    wrong = []
    for package, allowed in ALLOWED.items():
        for path in (root / "dtwin_plugin" / package).rglob("*.py"):
            extra = imported(path.read_text()) - allowed - COMMON - {package}
            wrong += [f"{path.relative_to(root)} imports {name}" for name in extra]
    assert not wrong


def test_gui_starts_algorithms_by_id_only(root):
    for path in (root / "dtwin_plugin").rglob("*.py"):
        if path.name != "__init__.py" or path.parent.name != "dtwin_plugin":
            assert "processing_algorithms" not in re.sub(r'""".*?"""', "", path.read_text(), flags=re.DOTALL), path


def test_only_the_shim_imports_qt(root):
    for folder in ("dtwin_plugin", "processing_algorithms", "resources"):
        for path in (root / folder).rglob("*.py"):
            assert not re.search(r"PyQt[56]", path.read_text()), path


def test_the_linter_sees_a_planted_violation(root, tmp_path):
    planted = "import qgis.core\nimport osgeo\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--stdin-filename", "dtwin_plugin/models/planted.py", "-"],
        cwd=root, input=planted, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.count("TID251") >= 2
