"""Compiled kernels where nothing can be kept."""

from pathlib import Path

import numba
import pytest
from llvmlite import binding

from dtwin_plugin.models import parallel


def test_kernels_are_kept_where_there_is_a_folder():
    assert parallel.may_cache("test")


def test_kernels_are_compiled_each_time_where_no_folder_can_be_written(monkeypatch):
    def njit(**_):
        def refuse(_):
            raise RuntimeError("cannot cache function: no locator available")

        return refuse

    monkeypatch.setattr(numba, "njit", njit)
    assert not parallel.may_cache("test")


def test_a_cache_that_outlives_the_plugin_has_a_folder_for_each_state_of_the_kernels(monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    parallel.load_numba("test")
    folder = Path(numba.config.CACHE_DIR)
    assert folder.parent == tmp_path
    source = tmp_path / "kernels.py"
    source.write_text("x = 1")
    before = parallel.state_of([source])
    source.write_text("x = 2")
    assert parallel.state_of([source]) != before


@pytest.mark.parametrize(
    ("known", "chosen", "whole"),
    [("avx512vbmi2", {}, True), ("avx512f", {}, False), ("avx512vbmi2", {"NUMBA_CPU_NAME": "generic"}, False)],
)
def test_vectors_are_whole_where_the_processor_keeps_its_clock_and_the_user_has_not_chosen(
    monkeypatch, known, chosen, whole
):
    for name in ("NUMBA_CPU_FEATURES", "NUMBA_CPU_NAME", "NUMBA_ENABLE_AVX"):
        monkeypatch.setenv(name, "")  # so that it is as before after the test
        monkeypatch.delenv(name)
    for name, value in chosen.items():
        monkeypatch.setenv(name, value)
    features = binding.FeatureMap({known: True})
    monkeypatch.setattr(binding, "get_host_cpu_features", lambda: features)
    parallel.use_whole_vectors()
    assert (parallel.os.environ.get("NUMBA_CPU_FEATURES") == f"+{known},-prefer-256-bit") is whole
