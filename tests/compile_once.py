"""Processes of tests that run at once compile each kernel once: who comes second waits, and reads it."""

import fcntl
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

_held = set()  # locks of this process: a lock of a file is not to be had twice


def compile_once():
    """Let Numba hold a lock on a function while it looks for it among what is kept, and compiles it.

    Of two processes that need a kernel at the same time both would compile it, which takes a minute for that of noise.
    And each reads, changes and writes the list of what is kept of a function, so that an entry could be lost.

    Functions are locked in the order in which they call each other, so that nobody waits in a circle.
    """
    from numba.core.compiler_lock import global_compiler_lock
    from numba.core.dispatcher import Dispatcher

    plain = Dispatcher.compile

    @wraps(plain)
    def compiled(self, signature):
        with global_compiler_lock, _locked(self._cache.cache_path, self.py_func):
            return plain(self, signature)

    Dispatcher.compile = compiled


@contextmanager
def _locked(folder, function):
    code = function.__code__
    name = f"{Path(code.co_filename).stem}.{function.__name__}-{code.co_firstlineno}.lock"
    path = folder and Path(folder) / name
    if not path or path in _held:
        yield
        return
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
