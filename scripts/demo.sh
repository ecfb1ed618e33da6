#!/usr/bin/env bash
# Six questions, answered with qgis_process alone:
#
#   1. Which areas are expected to flood under extreme rain, what does it do, and what do measures help?
#   2. Can the infiltration crates and 40 trees go in this street?   (where there is a KLIC delivery and a plan)
#   3. What does the new block do to its neighbours' sun, and does it fit the plan?   (where there is a scheme)
#   4. How loud is it at the facades, and what does 30 km/h change?   (where there are roads with traffic)
#   5. Which of three measures helps most against flooding, and what does each do to the rest?   (where there is a study)
#   6. What do 300 new homes in Waterdam do to traffic and noise?   (where there is a study of them)
#
#   make demo            on the sample municipality, which is made first and loaded from servers on this machine
#   make demo DATA=DIR   on a folder with terrain.tif (m NAP) and buildings.city.json or buildings.city.jsonl
#                        OUT=DIR takes the results elsewhere, CELL_SIZE=1 calculates at 1 m (8 times as long)
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
out=${OUT:-$root/build/demo}
started=$(date +%s)
mkdir -p "$out"
out=$(realpath "$out")

say() { printf '\n== %s (%s s)\n' "$1" "$(($(date +%s) - started))"; }

# A profile of its own, so that the user's settings stay as they are.
export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile QGIS_PLUGINPATH=$root/build
export PATH="$root/.venv/bin:$PATH"
runtime=$(mktemp -d)
declare -A jobs=() # the questions that are answered beside the first
trap 'rm -rf "$runtime"; kill ${jobs[@]+"${jobs[@]}"} 2>/dev/null || true' EXIT
export XDG_RUNTIME_DIR=$runtime
# enabling a second time is an error, so ask whether it is enabled
qgis_process plugins enable dtwin_plugin >/dev/null 2>&1 || qgis_process plugins | grep -q '\* *dtwin_plugin' ||
  { echo "demo: QGIS does not load the plugin; run 'QGIS_PLUGINPATH=build qgis_process plugins enable dtwin_plugin'." >&2; exit 1; }

run() { # algorithm, then its parameters as JSON on standard input
  qgis_process --json run "dtwin:$1" - >"$out/$1.log.json" || { echo "demo: dtwin:$1 failed" >&2; exit 1; }
}

with_map() { # a parameter for the base map, or what is made of it, where there is one
  [ -z "$bgt" ] || printf ', "%s": "%s"' "$1" "${2:-$bgt}"
}

find_input() { # $1: what it is, then names in the order of preference
  local what=$1 name
  shift
  for name in "$@"; do
    if [ -e "$data/$name" ]; then echo "$data/$name"; return; fi
  done
  echo "demo: $data holds no $what; expected $*." >&2
  exit 1
}

for part in load flood street plan noise study traffic; do
  # shellcheck source=/dev/null
  . "scripts/demo/$part.sh"
done

answer() { # a question beside the first, in a process and a profile of its own: two QGIS at a time would write one
  [ "${2:-}" = there ] || return 0
  mkdir -p "$out/$1" "$root/build/profile-$1"
  cp -r "$root/build/profile/." "$root/build/profile-$1"
  "$1" >"$out/$1/steps.log" 2>&1 &
  jobs[$1]=$!
}

has() { # whether all these files are there
  local name
  for name in "$@"; do [ -e "$data/$name" ] || return 0; done
  echo there
}

if [ -n "${DATA:-}" ]; then load_files; else load_area; fi
layers=${bgt:+, \"$bgt\"} # of a map, with a comma before them
if compgen -G "$data/klic/Levering_*.zip" >/dev/null; then answer street "$(has manifest.json plan.gpkg)"; fi
answer plan "$(has manifest.json scheme/rules.json)"
answer noise "$(has manifest.json roads.gpkg)"
answer study "$(has flood-study.json)"
answer traffic "$(has traffic-study.json)"
flood
for name in street plan noise study traffic; do
  if [ -n "${jobs[$name]:-}" ]; then
    wait "${jobs[$name]}" || { cat "$out/$name/steps.log" >&2; exit 1; }
    cat "$out/$name/steps.log"
  fi
done

say "Done: which areas are expected to flood, can the crates and trees go in this street, does the new block fit the plan, what does 30 km/h change, which measure helps most, and what do 300 homes do?"
.venv/bin/python -m scripts.demo.told "$out"
