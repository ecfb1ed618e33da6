"""The configuration of pygeoapi and the OpenAPI document, from the descriptions of the models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.models.base import Model
from dtwin_plugin.paths import metadata

from ..description import process_description
from .manager import DAYS
from .orders import served
from .references import LARGEST

CONFIG, OPENAPI, JOBS = "pygeoapi.json", "openapi.json", "jobs"
_HERE = "dtwin_plugin.processes.server"
# What OpenAPI 3.0 knows of a schema, of what descriptions have (3.0.3, 4.7.24); `x-` may follow any name.
_SCHEMA = (
    *("type", "format", "allOf", "oneOf", "anyOf", "items", "properties", "required", "enum", "default", "title"),
    *("minimum", "maximum", "minItems", "maxItems", "description", "$ref", "nullable"),
)


@dataclass(frozen=True)
class Place:
    """Where and how a server stands.

    Attributes
    ----------
    folder : path
        Gets the configuration, the OpenAPI document and the jobs.
    url : str
        Address by which others reach it.
    data : path or None
        Folder whose files requests may name.
    hosts : tuple of str
        Hosts that inputs may come from though they are not public.
    workers : int
        Jobs at once.
    days : float
        That a job is kept after its end.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 5000
    url: str = ""
    data: Path | None = None
    hosts: tuple[str, ...] = ()
    workers: int = 1
    days: float = DAYS
    largest: int = LARGEST


def left_out(models: Iterable[Model]) -> dict[str, str]:
    """Return the models that cannot be served, with the reason."""
    return {
        model.id: f"{item.name} is a {item.kind}, which only QGIS has"
        for model in models
        for item in (*model.inputs, *model.outputs)
        if item.kind == "layer"
    }


def configuration(models: Mapping[str, Model], place: Place) -> dict[str, Any]:
    """Return the configuration of pygeoapi with a process for each model that can be served."""
    plugin, without = metadata(), left_out(models.values())
    address = place.url or f"http://{place.host}:{place.port}"
    about = {"name": plugin["author"], "url": plugin["homepage"]}
    manager = {
        "name": f"{_HERE}.manager.JobManager",
        "connection": str(place.folder.resolve() / JOBS),
        "workers": place.workers,
        "data": str(place.data.resolve()) if place.data else "",
        "hosts": list(place.hosts),
        "days": place.days,
        "largest": place.largest,
    }
    return {
        "server": {
            "bind": {"host": place.host, "port": place.port},
            "url": address.rstrip("/"),
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "limits": {"default_items": 1000, "max_items": 10000},
            "map": {"url": "https://service.pdok.nl/brt/achtergrondkaart/wmts/v2_0/standaard/EPSG:3857/{z}/{x}/{y}.png",
                    "attribution": "Kadaster, PDOK"},
            "manager": manager,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": f"{plugin['name']}: models", "description": plugin["description"],
                "keywords": plugin["tags"].split(","), "keywords_type": "theme", "terms_of_service": "none",
                "url": plugin["homepage"],
            },
            "license": {"name": plugin["license"], "url": plugin["homepage"]},
            "provider": about,
            "contact": {**about, "email": plugin["email"]},
        },
        "resources": {
            model.id: {"type": "process", "processor": {"name": f"{_HERE}.processor.ModelProcessor", "model": model.id}}
            for model in models.values()
            if model.id not in without
        },
    }  # fmt: skip


def openapi(config: dict[str, Any], models: Mapping[str, Model]) -> dict[str, Any]:
    """Return the OpenAPI 3.0 document of a configuration: that of pygeoapi, with the inputs of each process in it."""
    from pygeoapi.openapi import get_oas

    found: dict[str, Any] = json.loads(json.dumps(get_oas(json.loads(json.dumps(config)))))
    paths = found["paths"]
    for name in config["resources"]:
        described = process_description(served(models[name]))
        post = paths[f"/processes/{name}/execution"]["post"]
        post["requestBody"]["content"]["application/json"]["schema"] = _request(described)
        post["responses"]["200"] = {
            "description": "The results, as they were asked for",
            "content": {"application/json": {"schema": {"type": "object"}}, "multipart/related": {}},
        }
    one = paths["/jobs/{jobId}/results"]["get"]
    result = {"name": "output", "in": "path", "required": True, "schema": {"type": "string"}}
    paths["/jobs/{jobId}/results/{output}"] = {
        "get": {
            "summary": "One result of a job",
            "tags": one["tags"],
            "operationId": "getJobResult",
            "parameters": [item for item in one["parameters"] if item.get("in") == "path"] + [result],
            "responses": {"200": {"description": "The result", "content": {"application/octet-stream": {}}}},
        }
    }
    without_others: dict[str, Any] = _own(found)
    return without_others


def _own(node: Any, key: str = "") -> Any:
    """Return a document without links to others: it can be read, and tested, where there is no internet."""
    if isinstance(node, list):
        kept = [item for item in node if not (key == "parameters" and _is_elsewhere(item))]
        return [{"type": "object"} if _is_elsewhere(item) else _own(item, key) for item in kept]
    if not isinstance(node, dict):
        return node
    result = {}
    for name, item in node.items():
        if _is_elsewhere(item):
            title = str(item["$ref"]).rpartition("/")[2].removesuffix(".yaml")
            result[name] = {"type": "object"} if name == "schema" else {"description": title}
        else:
            result[name] = _own(item, name)
    return result


def _is_elsewhere(item: Any) -> bool:
    return isinstance(item, dict) and str(item.get("$ref", "")).startswith(("http://", "https://"))


def _request(described: Mapping[str, Any]) -> dict[str, Any]:
    inputs = {}
    for name, item in described["inputs"].items():
        inputs[name] = {"title": item["title"], "description": item["description"], "x-schema": item["schema"]}
        inputs[name].update(_plain(item["schema"]) if item["schema"].get("type") in _PLAIN else {})
    needed = [name for name, item in described["inputs"].items() if item["minOccurs"]]
    outputs = {name: {"type": "object", "title": item["title"]} for name, item in described["outputs"].items()}
    return {
        "type": "object",
        "required": ["inputs"],
        "properties": {
            "inputs": {"type": "object", "properties": inputs, **({"required": needed} if needed else {})},
            "outputs": {"type": "object", "properties": outputs},
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
    }


_PLAIN = ("number", "integer", "boolean", "string")


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name in _SCHEMA or name.startswith("x-")}


def write(models: Mapping[str, Model], place: Place) -> tuple[Path, Path]:
    """Write the configuration and the OpenAPI document to the folder of a server, and return their paths."""
    config = configuration(models, place)
    files = {CONFIG: config, OPENAPI: openapi(config, models)}
    place.folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with written_beside(place.folder / name) as temporary:  # JSON is YAML too
            temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
    return place.folder / CONFIG, place.folder / OPENAPI
