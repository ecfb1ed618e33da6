"""Assemble the plugin folder, and pack it into the zip that QGIS's plugin manager installs.

Whole folders are copied and never a list of files, so that no new module is forgotten.
"""

import argparse
import configparser
import shutil
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "dtwin_plugin"
FILES = ("metadata.txt", "requirements.txt", "LICENSE", "README.md", "CHANGELOG.md")
SKIP = shutil.ignore_patterns("__pycache__", "*.pyc", "*.nbi", "*.nbc")


def assemble(target: Path) -> None:
    """Copy the packages, the resources and the files into one plugin folder."""
    described = descriptions()  # before anything is removed: where a module cannot be imported, the last build stays
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(ROOT / NAME, target, ignore=SKIP)
    for folder in ("processing_algorithms", "resources"):
        shutil.copytree(ROOT / folder, target / folder, ignore=SKIP)
    shutil.copytree(ROOT / "docs" / "models", target / "docs" / "models")  # the model register tells what they tell
    for file in FILES:
        shutil.copy2(ROOT / file, target / file)
    target.joinpath("resources", "descriptions.json").write_text(described, encoding="utf-8")


def descriptions() -> str:
    """Return what the models and the loaders are, from which QGIS starts without importing them."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    from processing_algorithms.described import described_text

    return described_text()


def package(folder: Path, target: Path) -> None:
    """Zip the plugin folder, with fixed times so that the same source gives the same zip."""
    target.unlink(missing_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                entry = zipfile.ZipInfo(f"{NAME}/{path.relative_to(folder).as_posix()}", (2026, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, path.read_bytes())


def version() -> str:
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(ROOT / "metadata.txt", encoding="utf-8")
    return metadata["general"]["version"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("build", "package", "install"))
    parser.add_argument("--to", type=Path, help="profile folder of QGIS, for install")
    options = parser.parse_args()
    folder = ROOT / "build" / NAME
    assemble(folder)
    if options.what == "package":
        target = ROOT / "build" / f"{NAME}-{version()}.zip"
        package(folder, target)
        print(target.relative_to(ROOT))
    if options.what == "install":
        plugins = options.to / "python" / "plugins"
        if not options.to.is_dir():
            print(f"install: {options.to} is no folder; start QGIS once or give PROFILE=folder.", file=sys.stderr)
            return 1
        shutil.rmtree(plugins / NAME, ignore_errors=True)
        shutil.copytree(folder, plugins / NAME)
        print(plugins / NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
