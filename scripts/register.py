"""The model register as a folder of pages and files for other registers: `python -m scripts.register [FOLDER]`."""

import sys
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
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    publisher = Publisher(plugin["author"], plugin["email"], plugin["homepage"])
    files = write(records(MODELS.values()), target, publisher, Use(plugin["author"], plugin["email"], STATUS[0]))
    print(f"{len(files)} files in {target}")
