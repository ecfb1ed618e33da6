"""Groups that are too small to publish tell nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtwin_plugin.twin.aggregate import MINIMUM, grouped


@given(st.lists(st.integers(-1, 4), max_size=60), st.integers(2, 12))
def test_no_figure_is_of_fewer_than_the_minimum(owners, minimum):
    owner = np.array(owners, dtype=np.int64)
    found = grouped(owner, owner.astype(float) + 0.5, 5, minimum)
    for group in range(5):
        size = owners.count(group)
        if 0 < size < minimum:
            assert found.suppressed[group]
            assert np.isnan([found.count[group], found.mean[group], found.total[group]]).all()
        else:
            assert found.count[group] == size and not found.suppressed[group]
            assert found.total[group] == pytest.approx(size * (group + 0.5))


def test_members_without_a_value_do_not_make_a_group_large_enough():
    values = np.array([1.0] * (MINIMUM - 1) + [np.nan])
    assert grouped(np.zeros(MINIMUM, np.int64), values, 1).suppressed[0]


def test_a_group_of_one_cannot_be_asked_for():
    with pytest.raises(ValueError, match="person"):
        grouped(np.array([0]), None, 1, minimum=1)
