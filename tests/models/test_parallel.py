"""Compiled kernels where nothing can be kept."""

import numba

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
