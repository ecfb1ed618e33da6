"""Tables of boreholes and cone penetration tests, a row a layer or a depth: CSV and Parquet."""

from .source import LogTableSource

__all__ = ["LogTableSource"]
