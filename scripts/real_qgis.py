"""The real QGIS with the plugin from its zip, in a profile of its own, for trials and pictures.

Needs a display: a virtual one as `xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX"` gives will do.
"""

import os
import subprocess
import zipfile
from pathlib import Path

from scripts.build import NAME, ROOT, assemble, package

_SETTINGS = """[locale]
userLocale={language}
overrideFlag=true
[PythonPlugins]
dtwin_plugin=true
[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true
[qgis]
checkVersion=false
showTips=false
[app]
projections\\unknownCrsBehavior=NoAction
"""


def profile(folder, language="en"):
    """Make a profile in a folder, with the plugin installed from a zip that is built for it; return its path."""
    profiles = folder / "profiles"
    settings = profiles / "profiles" / "default" / "QGIS"
    settings.mkdir(parents=True)
    (settings / "QGIS3.ini").write_text(_SETTINGS.format(language=language))
    assemble(folder / "assembled")
    archive = folder / f"{NAME}.zip"
    package(folder / "assembled", archive)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(profiles / "profiles" / "default" / "python" / "plugins")
    return profiles


def run(script, folder, *, language="en", timeout=300, **variables):
    """Run a script inside QGIS, which is to end it; return what `subprocess.run` does.

    The script learns the folder from DTWIN_TRIAL, and the rest from the environment variables that are given.
    """
    temporary = folder / "tmp"  # of its own, so that what a trial finds there is not of another that runs beside it
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "PATH": f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}",
        "DTWIN_TRIAL": str(folder),
        "QT_QPA_PLATFORM": "xcb",
        "XDG_RUNTIME_DIR": str(folder),
        **variables,
    }
    # The last would compile the plugin at each start, which a user's QGIS does once.
    for name in ("QGIS_CUSTOM_CONFIG_PATH", "QGIS_PLUGINPATH", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    command = ["qgis", "--nologo", "--noversioncheck", "--profiles-path", str(profile(folder, language)), "--code"]
    return subprocess.run(
        [*command, str(Path(script))], env=environment, cwd=folder, capture_output=True, text=True, timeout=timeout
    )
