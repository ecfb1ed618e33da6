#!/bin/sh
# All tests, in two processes at once: what needs no QGIS, and the rest. Then those that need an OpenGL context.
#
#   scripts/test.sh         everything
#   scripts/test.sh core    only what needs no QGIS
set -u
cd "$(dirname "$0")/.."

CORE="dtwin_plugin/catalogue dtwin_plugin/data dtwin_plugin/models dtwin_plugin/processes dtwin_plugin/sources dtwin_plugin/twin
  tests/catalogue tests/data tests/models tests/processes tests/sources tests/twin"
PYTEST=".venv/bin/python -m pytest"

core() {
  QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile-core" $PYTEST -m "not gl" -p no:cacheprovider $CORE
}

if [ "${1:-}" = core ]; then
  core
  exit
fi

mkdir -p build
core >build/test-core.log 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null' INT TERM
export QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile" # a user's settings change nothing and are not changed
$PYTEST -m "not gl" $(printf -- '--ignore=%s ' $CORE) tests dtwin_plugin
rest=$?
wait $pid
core=$?
echo "what needs no QGIS:"
cat build/test-core.log
[ $rest = 0 ] && [ $core = 0 ] || exit 1
QT_QPA_PLATFORM=xcb exec xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" $PYTEST -m gl tests
