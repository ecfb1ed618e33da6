"""Servers of OGC API - Processes in the profile of QGIS, asked through QGIS's own network and authentication."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsApplication

if TYPE_CHECKING:
    from dtwin_plugin.processes.client import Client, Deviations
    from dtwin_plugin.processes.remote import JobStore, Registered, Registry
    from dtwin_plugin.progress import Progress


def folder_of(name: str) -> Path:
    """Return a folder of ours in the profile of QGIS."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "dtwin" / name


def has_servers() -> bool:
    """Tell whether any server is registered, without importing what reads them."""
    return any(folder_of("servers").glob("*.json"))


def registry() -> Registry:
    """Return the servers that are registered."""
    from dtwin_plugin.processes.remote import Registry

    return Registry(folder_of("servers"))


def job_store() -> JobStore:
    """Return the jobs that were started on servers."""
    from dtwin_plugin.processes.remote import JobStore

    return JobStore(folder_of("jobs"))


def connect(server: Registered, progress: Progress, deviations: Deviations | None = None) -> Client:
    """Return a client of a server; its authentication goes to the server itself only."""
    from dtwin_plugin.processes.client import Client, Deviations
    from dtwin_plugin.processes.client.talk import Rules, Talk

    from .transport import QgisTransport

    rules = Rules(server.url, server.hosts)
    own = QgisTransport(server.authentication, may_lead=rules.allows)
    others = QgisTransport(may_lead=rules.allows)
    return Client(Talk(rules, own, others, progress, deviations or Deviations()))
