"""What every test may ask for."""

import fcntl
import gc
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from dtwin_plugin.models.parallel import use_whole_vectors
from tests.compile_once import compile_once

# The same examples on every run, and no failure because a machine is busy.
settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data"


def pytest_configure(config):
    """Ignore what Numba warns of, once it is set as for users: a filter by its class imports it.

    In pyproject.toml the filter would do so before, and the kernels of the tests were others than those of QGIS and of
    the servers that tests start, whose bytes they compare.
    """
    use_whole_vectors()
    compile_once()
    gc.disable()  # until all is collected: next to nothing of it is garbage
    config.addinivalue_line("filterwarnings", "ignore::numba.core.errors.NumbaWarning")


def pytest_collection_finish():
    """What is collected stays until the end: the collector of garbage need not go through it again and again."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"needs the real test data, which is absent: set DTWIN_SHARED (looked in {SHARED})")
    return SHARED


@pytest.fixture(scope="session")
def sample(root, tmp_path_factory):
    """The sample municipality, as a copy that a test may open in QGIS, which changes a GeoPackage by opening it.

    Making it takes half a minute: DTWIN_SAMPLE names the folder where the first process of `scripts/test.sh` that asks
    makes it for all.
    """
    made = Path(os.environ.get("DTWIN_SAMPLE") or tmp_path_factory.mktemp("made") / "sample")
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            command = [sys.executable, "-m", "resources.sample", str(made)]
            subprocess.run(command, cwd=root, check=True, capture_output=True)
    return Path(shutil.copytree(made, tmp_path_factory.mktemp("sample") / "waterdam"))


_status = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    session.config.stash[_status] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Leave when all is reported, with the status of the tests.

    QGIS 3.40 and GDAL crash now and then when Python destroys their objects after they have ended; that says nothing
    about the tests, and `tests/test_qgis_process.py` holds the exit codes that a user sees.
    """
    if _status in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[_status])


@pytest.fixture(scope="session")
def batch(root, tmp_path_factory):
    """The assembled plugin in `qgis_process`: `batch(folder)` starts it with a profile of its own in a folder.

    The plugin is enabled once, in a profile that each gets a copy of: QGIS takes seconds to start.
    """
    if shutil.which("qgis_process") is None or not (root / "build" / "dtwin_plugin").is_dir():
        pytest.skip("needs qgis_process and the assembled plugin: make build")

    class Batch:
        def __init__(self, folder, platform="offscreen"):
            self.variables = {
                **os.environ,
                "QT_QPA_PLATFORM": platform,
                "XDG_RUNTIME_DIR": str(folder),
                "QGIS_CUSTOM_CONFIG_PATH": str(folder / "qgis"),
                "QGIS_PLUGINPATH": str(root / "build"),
                "PATH": f"{root / '.venv/bin'}:{os.environ['PATH']}",
            }

        def start(self, *arguments, **more):
            """The running process."""
            return subprocess.Popen(["qgis_process", *arguments], env=self.variables, text=True, **more)

        def __call__(self, *arguments, inputs=None, timeout=240):
            """What `subprocess.run` returns; `inputs` are given as JSON."""
            text = None if inputs is None else json.dumps({"inputs": inputs})
            return subprocess.run(["qgis_process", *arguments], env=self.variables, capture_output=True, text=True,
                                  input=text, timeout=timeout)  # fmt: skip

    first = tmp_path_factory.mktemp("profile")
    done = Batch(first)("plugins", "enable", "dtwin_plugin")
    assert done.returncode == 0, done.stderr

    def make(folder, platform="offscreen"):
        shutil.copytree(first / "qgis", folder / "qgis")
        return Batch(folder, platform)

    return make


def _server(name):
    return importlib.import_module(name)  # from tests/servers, which pyproject.toml puts on the path


@pytest.fixture(scope="session")
def bag3d_server():
    """The module with the 3DBAG server; `serve(state)` runs one."""
    return _server("bag3d_server")


@pytest.fixture(scope="session")
def bro_server():
    """The module with the services of the BRO, and writers of their documents."""
    return _server("bro_server")


@pytest.fixture(scope="session")
def processes_server():
    """The module with the server of OGC API - Processes; `serve(state)` runs one."""
    return _server("processes_server")


@pytest.fixture(scope="session")
def ahn_server():
    """The module with the AHN server."""
    return _server("ahn_server")


@pytest.fixture(scope="session")
def pdok_server():
    """The module with the feature services of PDOK."""
    return _server("pdok_server")


@pytest.fixture(scope="session")
def catalogue_server():
    """The module with services of every kind in every state."""
    return _server("catalogue_server")


@pytest.fixture(scope="session")
def locatie_server():
    """The module with the place search of PDOK."""
    return _server("locatie_server")


@pytest.fixture(scope="session")
def plan_server():
    """The module with the services of zoning plans and environment plans."""
    return _server("plan_server")


@pytest.fixture(scope="session")
def files_server():
    """The module with the server of files and tiles."""
    return _server("files_server")


@pytest.fixture(scope="session")
def tiles_server():
    """The module with the host of 3D Tiles."""
    return _server("tiles_server")


@pytest.fixture
def stand_in_grids(tmp_path):
    """Grids that stand in for those of RDNAPTRANS2018, in use for the length of a test."""
    with _server("proj_grids").stand_in(tmp_path):
        yield


@pytest.fixture(scope="session")
def silent_server():
    """The module with the server that never answers; `serve()` runs one."""
    return _server("silent_server")


@pytest.fixture(scope="session")
def opendap_server():
    """The module with the OPeNDAP service."""
    return _server("opendap_server")


@pytest.fixture(scope="session")
def models_server():
    """The module that runs our own models on the real pygeoapi."""
    return _server("models_server")


@pytest.fixture(scope="session")
def pygeoapi_server():
    """The module that runs the real pygeoapi."""
    return _server("pygeoapi_server")
