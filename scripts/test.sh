#!/bin/sh
# All tests, in three lanes at once, which end at about the same time on two cores: what needs no QGIS; what needs an
# OpenGL context, drawn in software on a small screen, as that costs as much as it has pixels, and after it the sources,
# which need no QGIS; and the rest.
#
#   scripts/test.sh         everything
#   scripts/test.sh core    only what needs no QGIS
set -u
cd "$(dirname "$0")/.."

SOURCES="dtwin_plugin/sources tests/sources"
CORE="dtwin_plugin/catalogue dtwin_plugin/data dtwin_plugin/models dtwin_plugin/processes dtwin_plugin/twin
  tests/catalogue tests/data tests/models tests/processes tests/twin"
PYTEST=".venv/bin/python -m pytest"

core() { # $1: a name for its profile, then folders
  export QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile-$1"
  shift
  exec $PYTEST -m "not gl" -p no:cacheprovider "$@"
}

# shellcheck disable=SC2086  # folders are words
[ "${1:-}" = core ] && core core $CORE $SOURCES

gl() {
  QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile-gl" QT_QPA_PLATFORM=xcb \
    exec xvfb-run -a -s "-screen 0 1200x750x24 +extension GLX" $PYTEST -m gl -p no:cacheprovider \
    $(grep -rl --include='*.py' 'mark\.gl' tests) # collecting all tests takes half a minute
}

gl_and_sources() {
  trap 'kill $running 2>/dev/null; exit 1' INT TERM
  gl >build/test-gl.log 2>&1 &
  running=$!
  wait $running
  failed=$?
  # shellcheck disable=SC2086
  core sources $SOURCES >build/test-sources.log 2>&1 &
  running=$!
  wait $running && exit $failed
  exit 1
}

mkdir -p build
rm -rf build/test-sample
export DTWIN_SAMPLE="$PWD/build/test-sample" # made once for all three
# shellcheck disable=SC2086
core core $CORE >build/test-core.log 2>&1 &
core=$!
gl_and_sources &
gl=$!
trap 'kill $core $gl 2>/dev/null' INT TERM
export QGIS_CUSTOM_CONFIG_PATH="$PWD/build/test-profile" # a user's settings change nothing and are not changed
$PYTEST -m "not gl" $(printf -- '--ignore=%s ' $CORE $SOURCES) tests dtwin_plugin
failed=$?
wait $core || failed=1
echo "what needs no QGIS:"
cat build/test-core.log
wait $gl || failed=1
echo "what needs an OpenGL context:"
cat build/test-gl.log
echo "sources:"
cat build/test-sources.log
exit $failed
