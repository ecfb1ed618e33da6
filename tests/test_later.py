"""Names of packages that come at first use."""

import importlib
import subprocess
import sys
from types import ModuleType

import pytest

from dtwin_plugin.later import later

PACKAGES = (
    "dtwin_plugin.data", "dtwin_plugin.models", "dtwin_plugin.sources", "dtwin_plugin.twin",
    "processing_algorithms.loaders",
)  # fmt: skip


@pytest.fixture
def package(monkeypatch):
    """A package with one module."""
    made, module = ModuleType("made"), ModuleType("made.home")
    made.__path__, module.Thing = [], object()
    monkeypatch.setitem(sys.modules, "made", made)
    monkeypatch.setitem(sys.modules, "made.home", module)
    made.__getattr__ = later("made", {"Thing": "home"})
    return made


def test_a_name_comes_at_first_use_and_stays(package):
    assert "Thing" not in vars(package)
    assert package.Thing is sys.modules["made.home"].Thing is vars(package)["Thing"]


def test_another_name_is_refused_as_python_does(package):
    with pytest.raises(AttributeError, match="module 'made' has no attribute 'Other'"):
        package.Other  # noqa: B018


@pytest.mark.parametrize("name", PACKAGES)
def test_all_that_a_package_says_it_has_is_there(name):
    package = importlib.import_module(name)
    for item in package.__all__:
        assert getattr(package, item) is not None
    assert not hasattr(package, "anything_else")


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_by_itself_loads_none_of_its_modules_but_the_base_of_models(name, root):
    code = f"import sys, {name}; print(*[m for m in sys.modules if m.startswith('{name}.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60, check=True
    )
    extra = set(done.stdout.split()) - {"dtwin_plugin.models.base", "dtwin_plugin.models.problem"}
    assert not extra
