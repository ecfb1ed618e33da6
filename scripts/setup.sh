#!/bin/sh
# Make the working environment: a system QGIS >= 3.40 and a virtual environment on QGIS's own Python.
#
#   scripts/setup.sh          everything that `make test` and `make demo` need; a second run takes a second
#   scripts/setup.sh peers    also the environment of the programs that `make bench` compares with
#   scripts/setup.sh server   also the environment of pygeoapi, the server that the tests ask
#
# The archive that QGIS is installed from is read from this machine's own apt configuration.
# QGIS_PYTHON=/path/python3 names another Python that can `import qgis.core`; PEERS_PYTHON one >= 3.12 for the peers.
set -eu
cd "$(dirname "$0")/.."

MIN_QGIS=34000
PACKAGES="python3-venv python3-pip python3-gdal python3-numpy python3-scipy python3-requests python3-lxml proj-data proj-bin
  xvfb xauth libgl1-mesa-dri fonts-dejavu-core grass-core"

stop() {
  echo "setup: $*" >&2
  exit 1
}

qgis_version() {
  [ -x "$1" ] || { echo 0; return; }
  QT_QPA_PLATFORM=offscreen "$1" -c 'from qgis.core import Qgis; print(Qgis.QGIS_VERSION_INT)' 2>/dev/null || echo 0
}

# --- QGIS -----------------------------------------------------------------------------------------

apt_targets() {
  apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)' 'Created-By: Packages'
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

candidate() { # the QGIS version that apt would install, as 34006, or 0
  apt-cache policy qgis | awk '/Candidate:/ { sub(/^[0-9]+:/, "", $2); split($2, v, /[.+]/); printf "%d\n", v[1] * 10000 + v[2] * 100 + v[3] }'
}

add_backports() { # $1: suite. The URI and the key are those of the machine's own main suite.
  uri=$(apt_targets | awk -F'|' -v c="$VERSION_CODENAME" '$2 == c && $3 == "main" { print $1; exit }')
  [ -n "$uri" ] || stop "apt has no 'main' of $VERSION_CODENAME to derive $1 from; add a Debian source to apt and run again."
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n' \
    "$uri" "$1" | as_root tee "/etc/apt/sources.list.d/$1.sources" >/dev/null
  as_root apt-get update -qq
}

install_qgis() {
  command -v apt-get >/dev/null || stop "no QGIS >= 3.40 found and this system has no apt; install QGIS and set QGIS_PYTHON to its Python."
  can_be_root || stop "no QGIS >= 3.40 found and no rights to install it; run 'sudo scripts/setup.sh' once, or install QGIS and set QGIS_PYTHON."
  . /etc/os-release
  export DEBIAN_FRONTEND=noninteractive
  echo "setup: installing QGIS and what it needs (about 500 MB, 5 to 10 minutes, once)"
  as_root apt-get update -qq # apt knows its own sources only after this
  suite=""
  if [ "$(candidate)" -lt $MIN_QGIS ]; then
    suite="$VERSION_CODENAME-backports"
    apt_targets | grep -q "|$suite|main\$" || add_backports "$suite"
    suite="-t $suite"
  fi
  # shellcheck disable=SC2086  # the package list and the optional suite are words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $suite qgis python3-qgis >build/setup.log 2>&1 ||
    stop "apt could not install QGIS; see build/setup.log."
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $PACKAGES >>build/setup.log 2>&1 ||
    stop "apt could not install what QGIS needs beside it; see build/setup.log."
}

complete() { # everything that comes from the system is there
  [ "$(qgis_version "$python")" -ge $MIN_QGIS ] && command -v qgis_process >/dev/null &&
    command -v xvfb-run >/dev/null && "$python" -c 'import ensurepip, scipy, requests, lxml, osgeo.gdal_array' 2>/dev/null
}

# --- virtual environment --------------------------------------------------------------------------

# What the compiled parts of GDAL and QGIS were built against must not be replaced.
system_pins() {
  "$python" -c 'import numpy, scipy; print(f"numpy=={numpy.__version__}\nscipy=={scipy.__version__}")'
  echo 'attrs>=23.2' # Debian's older attrs satisfies pip and then fails in use
}

make_venv() { # $1: folder, $2: requirements file
  stamp=$( (system_pins; cat "$2"; "$python" -VV) | cksum)
  [ "$(cat "$1/stamp" 2>/dev/null)" = "$stamp" ] && return
  echo "setup: making $1"
  "$python" -m venv --clear --system-site-packages "$1" || stop "could not make $1; install python3-venv."
  system_pins >"$1/system-pins.txt"
  "$1/bin/python" -m pip install -q --disable-pip-version-check -c "$1/system-pins.txt" -r "$2" ||
    stop "pip could not install $2; check the network or pip's package index."
  echo "$stamp" >"$1/stamp"
}

newer_python() { # the first Python >= 3.12, which itzi-core needs, or QGIS's own
  for found in ${PEERS_PYTHON:-} python3.12 python3.13 "$HOME"/.pyenv/versions/3.1[2-9].*/bin/python3; do
    "$found" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && { echo "$found"; return; }
  done
  echo "$python"
}

make_peers() {
  peers_python=$(newer_python)
  stamp=$( (cat requirements-peers.txt; "$peers_python" -VV) | cksum)
  [ "$(cat .venv-peers/stamp 2>/dev/null)" = "$stamp" ] && return
  echo "setup: making .venv-peers with $("$peers_python" -V)"
  "$peers_python" -m venv --clear .venv-peers || stop "could not make .venv-peers; install python3-venv."
  .venv-peers/bin/python -m pip install -q --disable-pip-version-check -r requirements-peers.txt ||
    stop "pip could not install requirements-peers.txt; check the network or pip's package index."
  echo "$stamp" >.venv-peers/stamp
}

mkdir -p build
python=${QGIS_PYTHON:-/usr/bin/python3}
complete || install_qgis
complete || stop "QGIS >= 3.40 cannot be imported by $python; set QGIS_PYTHON to the Python that QGIS uses."
make_venv .venv requirements-dev.txt
case "${1:-}" in
  peers) make_peers ;;
  server) make_venv .venv-server requirements-server.txt ;;
esac
