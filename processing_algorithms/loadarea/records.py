"""What a GeoPackage tells of its loads: the log, and the quality of the data; rows of what is not loaded again stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qgis.core import QgsExpression

from dtwin_plugin.catalogue.products import Product
from dtwin_plugin.layers import write
from dtwin_plugin.progress import Silent
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.jobs import TITLES, Outcome

from .offers import LOG, QUALITY, SUMMARY
from .package import leave_out, rows_of, tables_of

Table = tuple[Path, str, str, str]  # a file, the table in it, the table to be, and its title


def tables_of_load(base: Path, products: Sequence[Product], outcomes: Sequence[Outcome], folder: Path) -> list[Table]:
    """Write the log and the quality to a folder, with the rows that a GeoPackage has of other products."""
    titles = {title for product in products for title in (product.title, tr(product.title))}
    log = [row for row in rows_of(base, LOG) if row.get("product") not in titles]
    log += [_log_row(product, outcome) for product, outcome in zip(products, outcomes)]
    again = [product for product, outcome in zip(products, outcomes) if outcome.has_result]
    summary = [row for row in rows_of(base, SUMMARY) if not _is_of(str(row.get("layer")), again)]
    summary += [row for outcome in outcomes for row in outcome.facts.get("quality", [])]
    found = [_written(log, folder, LOG, tr("Log of loading"))]
    if summary:
        found.append(_written(summary, folder, SUMMARY, tr("Quality of the data")))
    return found


def has_findings_of_others(base: Path, products: Sequence[Product]) -> bool:
    """Tell whether a GeoPackage has findings of other products than these."""
    return any(not _is_of(str(row.get("layer")), products) for row in rows_of(base, QUALITY))


def forget_findings(package: Path, products: Sequence[Product]) -> None:
    """Remove the findings of products from a GeoPackage, if it has them."""
    if package.exists() and QUALITY in tables_of(package):
        begins = [product.id + "/" for product in products]
        parts = [f'left("layer", {len(text)}) = {QgsExpression.quotedValue(text)}' for text in begins]
        leave_out(package, QUALITY, " or ".join(parts))


def _is_of(layer: str, products: Sequence[Product]) -> bool:
    """Tell whether a layer ("bgt/bgt") is of one of the products."""
    return layer.partition("/")[0] in {product.id for product in products}


def _written(rows: list[dict[str, Any]], folder: Path, name: str, title: str) -> Table:
    columns = {column: [row.get(column) for row in rows] for column in dict.fromkeys(n for row in rows for n in row)}
    path = folder / f"{name}.gpkg"
    write.write_table(columns, path, name, Silent())
    return path, name, name, title


def _log_row(product: Product, outcome: Outcome) -> dict[str, Any]:
    entry, facts = product.entry, outcome.facts
    return {
        "product": outcome.title,
        "status": tr(TITLES[outcome.status]),
        "objects": sum(row["count"] for row in facts.get("outputs", [])),
        "findings": int(facts.get("findings", 0)),
        "owner": entry.owner,
        "licence": entry.licence,
        "access_level": entry.access_level,
        "source": entry.url or "",
        "loaded_at": outcome.started,
        "seconds": outcome.seconds,
        "message": outcome.message,
        "warnings": "; ".join(outcome.warnings),
    }
