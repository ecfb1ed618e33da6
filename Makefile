# Two commands on a fresh machine: `make demo` and `make test`. Each target sets up what it needs and can fail.
#
#   make demo [DATA=DIR]            which areas are expected to flood, and what fits in a street? -> build/demo
#   make test                       all tests, the pure ones without QGIS too
#   make lint                       ruff and mypy
#   make build | package | install [PROFILE=DIR] | run
#   make bench [ONLY=flood]         figures beside those of other programs -> build/bench.json
#   make screenshots [ONLY="flood street"]   the pictures of the README, from what `make demo` makes -> docs/images
#   make validate [MODEL=flood] [CASES=DIR]   expected and found values -> build/validation.json
#   make serve [PORT=5000]          our models as OGC API - Processes, without QGIS; DATA, ALLOW, HOST, URL, WORKERS as the guide says
#   make describe FILES="PATH..."   what has been delivered?
#   make clean

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PY := .venv/bin/python
PROFILE ?= $(HOME)/.local/share/QGIS/QGIS3/profiles/default
# PROJ_DATA: pip's tools look for PROJ's files in the virtual environment, where they are not.
# OMP_WAIT_POLICY: waiting threads must not spin, which halves the speed of a busy machine.
# NUMBA_CACHE_DIR: compiled kernels outlive a build, which makes the plugin folder anew.
export NUMBA_CACHE_DIR ?= $(CURDIR)/build/numba
export PROJ_DATA ?= /usr/share/proj
export OMP_WAIT_POLICY ?= passive
export QT_QPA_PLATFORM ?= offscreen

.PHONY: setup lint test test-core build package install run demo screenshots bench validate serve describe clean

setup:
	@sh scripts/setup.sh

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PY) -m mypy -n 2

test: build
	@sh scripts/setup.sh server
	@sh scripts/test.sh

test-core: setup
	@sh scripts/test.sh core

build: setup
	$(PY) scripts/build.py build

package: setup
	$(PY) scripts/build.py package

install: setup
	$(PY) scripts/build.py install --to "$(PROFILE)"

run: build
	@PATH="$(CURDIR)/.venv/bin:$$PATH" QGIS_PLUGINPATH="$(CURDIR)/build" QGIS_CUSTOM_CONFIG_PATH="$(CURDIR)/build/profile" \
	  qgis_process plugins enable dtwin_plugin >/dev/null 2>&1 || true # an error if it is enabled already
	env -u QT_QPA_PLATFORM PATH="$(CURDIR)/.venv/bin:$$PATH" QGIS_PLUGINPATH="$(CURDIR)/build" \
	  qgis --profiles-path build/profile

demo: build
	@DATA="$(DATA)" $(if $(OUT),OUT="$(OUT)") bash scripts/demo.sh

screenshots: setup
	@test -f build/demo/report.html || $(MAKE) demo
	xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" env QT_QPA_PLATFORM=xcb \
	  $(PY) -m scripts.screenshots $(if $(ONLY),--only $(ONLY))

bench: build
	@sh scripts/setup.sh peers
	$(PY) -m scripts.bench $(if $(ONLY),--only $(ONLY))

validate: setup
	$(PY) -m scripts.validate $(if $(MODEL),--model $(MODEL)) $(if $(CASES),--cases $(CASES))

serve:
	@sh scripts/setup.sh server
	@.venv-server/bin/python -m dtwin_plugin.processes.server --folder build/serve --port $(or $(PORT),5000) \
	  $(if $(HOST),--host $(HOST)) $(if $(URL),--url $(URL)) $(if $(DATA),--data "$(DATA)") \
	  $(foreach host,$(ALLOW),--allow $(host)) $(if $(WORKERS),--workers $(WORKERS))

describe: setup
	@test -n "$(FILES)" || { echo 'describe: name files or folders: make describe FILES="a.json folder"' >&2; exit 2; }
	$(PY) -m dtwin_plugin.sources describe $(if $(JSON),--json) $(FILES)

clean:
	rm -rf build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find dtwin_plugin processing_algorithms resources scripts tests -name __pycache__ -prune -exec rm -rf {} +
