"""Run inside the real QGIS by `qgis --code`: what the start of the plugin costs, its menu and all, once it is compiled.

QGIS has started it before this, as it does for a user; it is unloaded, and loaded again.
"""

import statistics
import sys
import time

from qgis.utils import loadPlugin, startPlugin, unloadPlugin

from scripts.trial import pump, start

REPEATS = 5


def run():
    found = {"3d": "qgis._3d" in sys.modules}
    seconds, processor = [], []
    for _ in range(REPEATS):
        unloadPlugin("dtwin_plugin")
        pump(0.5)
        begin, used = time.perf_counter(), time.process_time()
        assert loadPlugin("dtwin_plugin") and startPlugin("dtwin_plugin")
        seconds.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
    return {**found, "seconds": statistics.median(seconds), "processor": statistics.median(processor)}


start(run)
