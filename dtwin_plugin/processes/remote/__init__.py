"""A process of a server as a `Model`, whose function posts a job and follows it."""

from .binding import Binding, bindings_of
from .job_store import JobRecord, JobStore
from .model import Connect, fetched, models_of, remote_model
from .registered import Registered, Registry, read_server

__all__ = [
    "Binding", "Connect", "JobRecord", "JobStore", "Registered", "Registry", "bindings_of", "fetched", "models_of",
    "read_server", "remote_model",
]  # fmt: skip
