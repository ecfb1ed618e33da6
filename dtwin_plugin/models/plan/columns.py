"""Columns of the tables of a plan test, with their units: what its description and what fills them agree on."""

from __future__ import annotations

OUTCOME_COLUMNS = {
    "rule": "1", "title": "1", "object": "1", "outcome": "1", "quantity": "1", "value": "1", "norm": "1", "unit": "1",
    "tolerance": "1", "doubt": "1", "peil": "m", "peil_from": "1", "sentence": "1", "text": "1", "source": "1",
    "link": "1", "date": "1", "rule_set": "1", "digest": "1",
}  # fmt: skip
SUMMARY_COLUMNS = {"outcome": "1", "title": "1", "count": "1"}
