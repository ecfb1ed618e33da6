"""What `make validate MODEL=plan` prints is within its tolerances, and has each quantity and each outcome."""

import pytest

from dtwin_plugin.models.plan.quantities import QUANTITIES
from dtwin_plugin.models.plan.quantity import OUTCOMES
from scripts.validate import plan


@pytest.fixture(scope="module")
def rows():
    return list(plan.rows())


def test_each_value_is_as_worked_out_by_hand(rows):
    assert not [row for row in rows if not row["ok"]]


def test_no_quantity_and_no_outcome_is_left_out(rows):
    assert {row["quantity"] for row in rows} == set(QUANTITIES) | set(OUTCOMES)
