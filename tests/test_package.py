"""The zip that QGIS's plugin manager installs."""

import os
import subprocess
import sys
import zipfile

import pytest

from scripts.build import share_kernels


@pytest.fixture(scope="module")
def names(root):
    done = subprocess.run([sys.executable, "scripts/build.py", "package"], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(root / done.stdout.strip()) as archive:
        assert archive.testzip() is None
        return set(archive.namelist())


def test_one_top_folder(names):
    assert {name.split("/")[0] for name in names} == {"dtwin_plugin"}


def test_every_module_is_packed(names, root):
    for folder, prefix in (("dtwin_plugin", ""), ("processing_algorithms", "processing_algorithms/")):
        for path in (root / folder).rglob("*.py"):
            assert f"dtwin_plugin/{prefix}{path.relative_to(root / folder).as_posix()}" in names


@pytest.mark.parametrize("file", ["metadata.txt", "LICENSE", "requirements.txt", "resources/icons/dtwin.svg"])
def test_what_qgis_and_the_repository_ask_for_is_there(names, file):
    assert f"dtwin_plugin/{file}" in names


def test_nothing_else_is_packed(names):
    assert not [name for name in names if "tests/" in name or "__pycache__" in name or "scripts/" in name]


def test_metadata_names_the_provider_and_both_qt_versions(root):
    text = (root / "metadata.txt").read_text()
    assert "hasProcessingProvider=yes" in text and "supportsQt6=True" in text and "qgisMinimumVersion=3.40" in text


def test_kernels_are_compiled_once_for_the_sources_and_the_assembled_plugin(names, root, tmp_path):
    share_kernels(root / "build" / "dtwin_plugin", tmp_path)
    code = "from dtwin_plugin.models.traffic import cost_kernels as k; k.time_at(0, 1.0, 0.15, 0.1, 4.0, 5.0); "
    code += "print(k.__file__, sum(k.time_at.stats.cache_hits.values()))"
    told = []
    for folder in (root, root / "build"):
        variables = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told.append(done.stdout.split())
    (source, first), (assembled, second) = told
    assert source != assembled and (first, second) == ("0", "1")
