"""Assemble the plugin folder, and pack it into the zip that QGIS's plugin manager installs.

Whole folders are copied and never a list of files, so that no new module is forgotten.
"""

import argparse
import configparser
import os
import shutil
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAME = "dtwin_plugin"
FILES = ("metadata.txt", "requirements.txt", "LICENSE", "README.md", "CHANGELOG.md")
SKIP = shutil.ignore_patterns("__pycache__", "*.pyc", "*.nbi", "*.nbc")


def assemble(target: Path) -> None:
    """Copy the packages, the resources and the files into one plugin folder.

    It is made beside and renamed: QGIS may start from the last one while this one is made.
    """
    described = descriptions()  # before anything is removed: where a module cannot be imported, the last build stays
    beside, last = (target.with_name(f".{target.name}-{os.getpid()}-{what}") for what in ("new", "last"))
    shutil.copytree(ROOT / NAME, beside, ignore=SKIP)
    for folder in ("processing_algorithms", "resources"):
        shutil.copytree(ROOT / folder, beside / folder, ignore=SKIP)
    shutil.copytree(ROOT / "docs" / "models", beside / "docs" / "models")  # the model register tells what they tell
    for file in FILES:
        shutil.copy2(ROOT / file, beside / file)
    beside.joinpath("resources", "descriptions.json").write_text(described, encoding="utf-8")
    if target.exists():
        target.rename(last)
    beside.rename(target)
    shutil.rmtree(last, ignore_errors=True)


def share_kernels(folder: Path, cache: Path) -> None:
    """Let the kernels of an assembled plugin and those that they were copied from be compiled once, and not twice.

    Numba keeps compiled functions by the path of their source; `models.parallel` gives each state of the kernels a
    folder of its own, so that what is found there under either path is the same.
    """
    from numba.core.caching import UserProvidedCacheLocator

    from dtwin_plugin.models.parallel import state_of

    files = sorted(folder.rglob("*kernels.py"))
    for file in {path.parent: path for path in files}.values():
        source = ROOT / NAME / file.relative_to(folder)
        kept, own = (
            cache / state_of(files) / UserProvidedCacheLocator.get_suitable_cache_subpath(str(path))
            for path in (source, file)
        )
        kept.mkdir(parents=True, exist_ok=True)
        if not own.exists():
            own.symlink_to(kept.name)


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
    if os.environ.get("NUMBA_CACHE_DIR"):
        share_kernels(folder, Path(os.environ["NUMBA_CACHE_DIR"]))
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
