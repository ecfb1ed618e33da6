#!/bin/sh
# All tests, in three processes at once: what needs no QGIS, what needs an OpenGL context, and the rest. The second
# waits for windows of QGIS more than it calculates, and so fits beside the others on two cores.
#
#   scripts/test.sh         everything
#   scripts/test.sh core    only what needs no QGIS
set -u
cd "$(dirname "$0")/.."

CORE="dtwin_plugin/catalogue dtwin_plugin/data dtwin_plugin/models dtwin_plugin/processes dtwin_plugin/sources dtwin_plugin/twin
  tests/catalogue tests/data tests/models tests/processes tests/sources tests/twin"
PYTEST=".venv/bin/python -m pytest"

core() {
  QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile-core" exec $PYTEST -m "not gl" -p no:cacheprovider $CORE
}

[ "${1:-}" = core ] && core

gl() {
  QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile-gl" QT_QPA_PLATFORM=xcb \
    exec xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" $PYTEST -m gl -p no:cacheprovider \
    $(grep -rl --include='*.py' 'mark\.gl' tests) # collecting all tests takes half a minute
}

mkdir -p build
rm -rf build/test-sample
export DTWIN_SAMPLE="$PWD/build/test-sample" # made once for all three
core >build/test-core.log 2>&1 &
core=$!
gl >build/test-gl.log 2>&1 &
gl=$!
trap 'kill $core $gl 2>/dev/null' INT TERM
export QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile" # a user's settings change nothing and are not changed
$PYTEST -m "not gl" $(printf -- '--ignore=%s ' $CORE) tests dtwin_plugin
failed=$?
wait $core || failed=1
echo "what needs no QGIS:"
cat build/test-core.log
wait $gl || failed=1
echo "what needs an OpenGL context:"
cat build/test-gl.log
exit $failed
