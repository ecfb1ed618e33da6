"""Servers that were registered, with what they offered then: QGIS starts from these files and asks no server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, DtwinError, InputError
from dtwin_plugin.progress import Progress, Silent

from ..client import Client
from ..client.documents import title_of
from ..client.talk import origin
from ..json_text import dumped, parsed
from .binding import slug

_NAME = re.compile(r"[a-z][a-z0-9]{0,29}")
_LARGEST = 64_000_000  # bytes of a file of ours
_LARGEST_ONE = 2_000_000  # bytes of one description
_MOST = 300  # processes that become algorithms


@dataclass(frozen=True)
class Registered:
    """A server.

    Attributes
    ----------
    name : str
        Lower case letters and digits: the first part of the ids of its algorithms.
    title : str
        As people read it, and the group of its algorithms.
    url : str
        Of its landing page.
    authentication : str
        Id of a configuration in QGIS's authentication database, "" for none; no secret is kept here.
    hosts : tuple of str
        Other hosts that results may come from.
    processes : dict of str to dict
        Description of each process by its id, as the server gave it.
    conformance, deviations : tuple of str
        Conformance classes, and where the server bent the standard.
    read : str
        When it was last asked (ISO 8601).
    """

    name: str
    title: str
    url: str
    authentication: str = ""
    hosts: tuple[str, ...] = ()
    processes: dict[str, dict[str, Any]] = field(default_factory=dict)
    conformance: tuple[str, ...] = ()
    deviations: tuple[str, ...] = ()
    read: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InputError(
                "{name} is no name for a server; expected letters a to z and digits, at most 30.", name=self.name[:60]
            )
        if not origin(self.url)[1]:
            raise InputError(
                "The address {address} is not one of a web server.", hint="Use https://.", address=self.url
            )

    def ids(self) -> dict[str, str]:
        """Return the id of the algorithm of each process, by the id of the process.

        >>> Registered("a", "A", "https://a.nl", processes={"hello-world": {}, "Hello World": {}}).ids()
        {'hello-world': 'a_hello_world', 'Hello World': 'a_hello_world_2'}
        """
        found: dict[str, str] = {}
        for process in self.processes:
            name, number = f"{self.name}_{slug(process)}", 2
            while name in found.values():
                name, number = f"{self.name}_{slug(process)}_{number}", number + 1
            found[process] = name
        return found


class Registry:
    """A folder with a file a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Registered]:
        """Return the servers by name; files that are none are passed over."""
        if not self.folder.is_dir():
            return []
        files = sorted(path for path in self.folder.glob("*.json") if _NAME.fullmatch(path.stem))
        return [found for path in files if (found := _read(path)) is not None]

    def get(self, name: str) -> Registered:
        """Return a server; raises InputError where it is not registered."""
        found = _read(self.folder / f"{name}.json") if _NAME.fullmatch(name) else None
        if found is None:
            raise InputError("There is no server {name}.", hint="Register it first.", name=name[:60])
        return found

    def keep(self, server: Registered) -> None:
        """Keep a server, in the place of one of that name."""
        with written_beside(self.folder / f"{server.name}.json") as temporary:
            temporary.write_text(json.dumps(asdict(server), ensure_ascii=False), encoding="utf-8")

    def remove(self, name: str) -> None:
        """Forget a server; raises InputError where it is not registered."""
        self.get(name)
        (self.folder / f"{name}.json").unlink(missing_ok=True)


def _read(path: Path) -> Registered | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        found: Any = parsed(path.read_bytes(), path.name)
        names = {item.name for item in fields(Registered)}
        row = {name: value for name, value in found.items() if name in names}
        for name in ("hosts", "conformance", "deviations"):
            row[name] = tuple(str(one) for one in row.get(name, ()))
        is_right = row["name"] == path.stem and isinstance(row["processes"], dict)
        return (
            Registered(**row) if is_right and all(isinstance(one, dict) for one in row["processes"].values()) else None
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DtwinError):
        return None


def read_server(
    client: Client,
    name: str,
    url: str,
    title: str = "",
    authentication: str = "",
    hosts: Iterable[str] = (),
    progress: Progress | None = None,
) -> Registered:
    """Ask a server what it offers; a process whose description cannot be read is left out, with a warning.

    Raises
    ------
    InputError, UnavailableError, FormatError
        If the server cannot be reached, or has no list of processes.
    Cancelled
        If the user stops it.
    """
    progress = progress or Silent()
    called = title_of(client.title(), name)  # asked even where a title is given: a strict check wants it
    called = title_of(title, called)
    conformance = client.conformance()
    listed = client.processes()
    if len(listed) > _MOST:
        progress.warn(
            "The server offers {count} processes; the first {limit} are taken.", count=len(listed), limit=_MOST
        )
    processes: dict[str, dict[str, Any]] = {}
    for number, one in enumerate(listed[:_MOST]):
        progress.report(number / len(listed), "{process}", process=one.title)
        try:
            description = client.description(one.id)
            if len(dumped(description)) > _LARGEST_ONE:
                raise InputError("The description is larger than {limit} bytes.", limit=_LARGEST_ONE)
        except Cancelled:
            raise
        except (DtwinError, ValueError) as error:
            progress.warn("{process} is left out: {reason}", process=one.id, reason=str(error))
            continue
        processes[one.id] = description
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    told = tuple(one.text() for one in client.deviations.found)
    return Registered(name, called, url, authentication, tuple(hosts), processes, conformance, told, moment)
