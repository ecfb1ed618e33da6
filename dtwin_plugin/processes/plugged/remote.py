"""A process of a server as the engine of a model: its description says what the server does not."""

from __future__ import annotations

from typing import Any

from dtwin_plugin.models.base import Values
from dtwin_plugin.progress import Progress

from ..client import Client
from ..client.talk import Rules, Talk
from ..description import process_description
from ..remote import Connect, Registered, remote_model
from .reading import Plugged


def run_process(plugged: Plugged, values: Values, progress: Progress, connect: Connect | None = None) -> dict[str, Any]:
    """Return what a process makes of the values; the server is told of them as the description of the model says.

    Parameters
    ----------
    connect : callable, optional
        `connect(server, progress)` gives a client; one without authentication where it is absent.
    """
    engine = plugged.engine
    described = process_description(plugged.model(lambda _values, _progress: {}))
    server = Registered("others", plugged.owner, engine["url"], processes={engine["process"]: described})
    return remote_model(server, engine["process"], connect or _open).run(values, progress)


def _open(server: Registered, progress: Progress) -> Client:
    from dtwin_plugin.sources.requests_transport import RequestsTransport

    rules = Rules(server.url, server.hosts)
    return Client(Talk(rules, RequestsTransport(may_lead=rules.allows), progress=progress))
