"""The real pygeoapi in a process of its own, on data that the test writes."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

RD = "http://www.opengis.net/def/crs/EPSG/0/28992"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_START = 60.0  # s


def python(root):
    """The Python of pygeoapi's environment, None where it was not made (`scripts/setup.sh server`)."""
    path = Path(root) / ".venv-server" / "bin" / "python"
    return path if path.is_file() else None


def collection(file, provider, storage, offered, identity="fid", table=None):
    """A resource of pygeoapi's configuration."""
    source = {"type": "feature", "name": provider, "data": str(file), "id_field": identity, "crs": offered}
    source |= {"storage_crs": storage} if storage else {}
    source |= {"table": table} if table else {}
    return {
        "type": "collection",
        "title": Path(file).stem.capitalize() + " of a test",
        "description": "Made by a test.",
        "keywords": ["test"],
        "links": [],
        "extents": {"spatial": {"bbox": [3.0, 50.5, 7.5, 53.7], "crs": CRS84}},
        "providers": [source],
    }


def configuration(url, port, resources):
    """pygeoapi's configuration, as JSON, which is YAML too."""
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 10, "max_items": 1000},
            "map": {"url": "https://example.nl/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": "Test", "description": "Test", "keywords": ["test"], "keywords_type": "theme",
                "terms_of_service": "none", "url": "https://example.nl",
            },
            "license": {"name": "CC0", "url": "https://example.nl"},
            "provider": {"name": "Test", "url": "https://example.nl"},
            "contact": {"name": "Test", "email": "a@example.nl", "url": "https://example.nl"},
        },
        "resources": resources,
    }  # fmt: skip


def process(processor):
    """A process of pygeoapi's own as a resource."""
    return {"type": "process", "processor": {"name": processor}}


@contextmanager
def serve(root, folder, resources, jobs=False):
    """Run pygeoapi on a free port with resources, and with a store of jobs where it is asked; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    config, openapi = Path(folder) / "config.json", Path(folder) / "openapi.json"
    configured = configuration(url, port, resources)
    if jobs:
        kept = Path(folder) / "jobs"
        kept.mkdir()
        manager = {"name": "TinyDB", "connection": str(kept / "jobs.db"), "output_dir": str(kept)}
        configured["server"]["manager"] = manager
    config.write_text(json.dumps(configured))
    environment = {**os.environ, "PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    for name in ("PYTHONPATH", "PYTHONHOME", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA"):
        environment.pop(name, None)
    openapi.write_text(json.dumps({"openapi": "3.0.2", "info": {"title": "Test", "version": "1"}, "paths": {}}))
    code = f"from pygeoapi.flask_app import APP; APP.run(host='127.0.0.1', port={port}, threaded=True)"
    with (Path(folder) / "server.log").open("wb") as log:
        process = subprocess.Popen([python(root), "-c", code], env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(process, url, Path(folder) / "server.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(process, url, log):
    end = time.monotonic() + _START
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"{url}/conformance?f=json", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if process.poll() is not None:
                break
            time.sleep(0.2)
    raise RuntimeError(f"pygeoapi did not start: {log.read_text(errors='replace')[-2000:]}")
