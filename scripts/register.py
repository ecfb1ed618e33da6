"""The model register as a folder of pages and files for other registers: `python -m scripts.register [FOLDER]`."""

import argparse
from pathlib import Path

from dtwin_plugin.catalogue.dcat import Publisher
from dtwin_plugin.models import MODELS
from dtwin_plugin.paths import metadata
from dtwin_plugin.processes.register import records
from dtwin_plugin.processes.register.algorithm import STATUS, Use
from dtwin_plugin.processes.register.writing import write

FOLDER = Path(__file__).resolve().parent.parent / "build" / "register"

if __name__ == "__main__":
    plugin = metadata()
    parser = argparse.ArgumentParser(prog="python -m scripts.register", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    target = parser.parse_args().folder
    publisher = Publisher(plugin["author"], plugin["email"], plugin["homepage"])
    files = write(records(MODELS.values()), target, publisher, Use(plugin["author"], plugin["email"], STATUS[0]))
    print(f"{len(files)} files in {target}")
