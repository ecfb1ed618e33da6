import numpy as np
import pytest

from dtwin_plugin.data import Features, Geometries, Logs
from dtwin_plugin.errors import InputError


def logs(ids=("a", "b"), counts=(2, 1), kind="borehole"):
    sites = Features(
        Geometries.points(np.arange(2.0 * len(ids)).reshape(-1, 2)),
        {"id": np.array(ids, object), "surface": np.arange(float(len(ids)))},
    )
    total = sum(counts)
    rows = {"top": np.arange(total, dtype=float), "bottom": np.arange(total) + 1.0, "soil": np.array(["k"] * total)}
    return Logs(kind, sites, np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), rows)


def test_depths_become_heights_by_the_ground_of_their_own_site():
    assert logs().heights("top").tolist() == [0, -1, -1]  # 0 - 0, 0 - 1, 1 - 2


def test_sites_are_taken_with_their_rows_in_any_order():
    found = logs().take(np.array([1, 0, 1]))
    assert found.sites.columns["id"].tolist() == ["b", "a", "b"]
    assert found.rows["top"].tolist() == [2, 0, 1, 2] and found.starts.tolist() == [0, 1, 3, 4]
    assert len(logs().take(np.array([], np.int64))) == 0


def test_logs_of_one_kind_are_joined():
    found = Logs.concatenate([logs(), logs(("c",), (0,))])
    assert found.starts.tolist() == [0, 2, 3, 3] and found.site_of.tolist() == [0, 0, 1]
    levels = Logs("levels", logs().sites, np.zeros(3, np.int64), {"time": np.array([]), "level": np.array([])})
    with pytest.raises(InputError, match="borehole and levels"):
        Logs.concatenate([logs(), levels])


@pytest.mark.parametrize("starts", [[0, 1], [0, 2, 4], [1, 2, 3], [0, 3, 2]])
def test_rows_that_do_not_fit_are_refused(starts):
    whole = logs()
    with pytest.raises(InputError, match="do not fit their 2 sites"):
        Logs("borehole", whole.sites, np.array(starts, np.int64), whole.rows)


def test_columns_that_a_kind_needs_are_named():
    whole = logs()
    with pytest.raises(InputError, match="need depth, cone_resistance"):
        Logs("cpt", whole.sites, whole.starts, whole.rows)
