#!/usr/bin/env bash
# Five questions, answered with qgis_process alone:
#
#   1. Which areas are expected to flood under extreme rain, what does it do, and what do measures help?
#   2. Can the infiltration crates and 40 trees go in this street?   (where there is a KLIC delivery and a plan)
#   3. What does the new block do to its neighbours' sun, and does it fit the plan?   (where there is a scheme)
#   4. How loud is it at the facades, and what does 30 km/h change?   (where there are roads with traffic)
#
#   5. Which of three measures helps most against flooding, and what does each do to the rest?   (where there is a study)
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
trap 'rm -rf "$runtime"; kill ${beside:-} ${block:-} ${loud:-} ${compared:-} 2>/dev/null || true' EXIT
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

load_area() { # everything of the sample municipality, from servers here that play the national services
  data=$root/build/sample
  if [ ! -e "$data/flood-study.json" ]; then # the newest of what the sample has
    say "Making the sample municipality"
    .venv/bin/python -m resources.sample "$data"
  fi
  say "Starting the national services: 3DBAG, AHN, BAG, BGT"
  rm -f "$out/sources.json"
  # the servers end with this script, which holds the other end of their standard input
  exec 3> >(exec .venv/bin/python -m scripts.national "$data" --catalogue "$out/sources.json" >"$out/services.log" 2>&1)
  for _ in $(seq 900); do [ -s "$out/sources.json" ] && break || sleep 0.2; done # a busy machine takes a minute
  [ -s "$out/sources.json" ] || { echo "demo: the services did not start; see $out/services.log" >&2; exit 1; }
  export DTWIN_CATALOGUE=$out/sources.json
  say "Load area: buildings, base map and terrain of one square kilometre"
  run loadarea <<EOF2
{"inputs": {"extent": "112000,113000,460000,461000 [EPSG:28992]", "products": "buildings3d,bgt,terrain",
  "cell_size": ${CELL_SIZE:-2.0}, "fresh": true, "geopackage": "$out/area.gpkg", "purpose": "Stress test of extreme rain"}}
EOF2
  buildings="$out/area.gpkg|layername=buildings3d_surfaces"
  footprints="$out/area.gpkg|layername=buildings3d_footprints"
  terrain=$out/area_files/terrain.tif
  bgt="$out/area.gpkg|layername=bgt_bgt"
}

load_files() { # what somebody delivered
  data=$(realpath "$DATA")
  local model heights
  heights=$(find_input terrain terrain_05m_filled.tif terrain.tif)
  model=$(find_input buildings buildings.city.jsonl buildings.city.json buildings.city.json.gz)
  buildings=$out/buildings.gpkg footprints=$out/footprints.gpkg terrain=$out/terrain.tif bgt=""
  say "Loading buildings"
  run loadcityjson <<EOF2
{"inputs": {"file": "$model", "lod": 0, "surfaces": "$buildings", "footprints": "$footprints"}}
EOF2
  say "Loading terrain"
  run loadterrain <<EOF2
{"inputs": {"file": "$heights", "cell_size": ${CELL_SIZE:-2.0}, "terrain": "$terrain"}}
EOF2
  if [ -e "$data/bgt.gpkg" ]; then
    say "Loading the base map"
    run loadbgt <<EOF2
{"inputs": {"file": "$data/bgt.gpkg", "bgt": "$out/bgt.gpkg"}}
EOF2
    bgt=$out/bgt.gpkg
  fi
}

measures() { # the same storm on a street that lets water through; results beside those without
  local with=$out/measures
  mkdir -p "$with"
  say "Measures: paving that lets water through, and crates, in the Wilhelminastraat"
  run floodmeasures <<EOF2
{"inputs": {"terrain": "$out/ground.tif", "measures": "$data/measures.gpkg"$(with_map landcover),
  "new_terrain": "$with/ground.tif", "new_infiltration_capacity": "$with/capacity.tif", "new_soil_storage": "$with/storage.tif",
  "costs": "$with/costs.csv"$(with_map new_landcover "$with/landcover.gpkg"),
  "record": "$with/costs.json"}}
EOF2
  run flood <<EOF2
{"inputs": {"terrain": "$with/ground.tif", "buildings": "$footprints"$(with_map landcover "$with/landcover.gpkg"),
  "infiltration_capacity": "$with/capacity.tif", "soil_storage": "$with/storage.tif",
  "event": 1, "after": 1,
  "purpose": "Stress test with measures", "depth_max": "$with/water_depth_max.tif", "record": "$with/run.json"}}
EOF2
  run flooddifference <<EOF2
{"inputs": {"before": "$out/water_depth_max.tif", "after": "$with/water_depth_max.tif", "buildings": "$footprints",
  "cost": $(.venv/bin/python -c "import json; print(json.load(open('$with/costs.json'))['outputs']['cost'])"),
  "difference": "$with/difference.tif", "building_change": "$with/houses.gpkg", "statistics": "$with/statistics.csv",
  "record": "$with/difference.json"}}
EOF2
}

street() { # what is planned in the Parklaan against what lies in the ground, in space and with both uncertainties
  local plan=$data/plan.gpkg part="112650,112890,460335,460455 [EPSG:28992]" results
  out=$out/street # its logs and results; this runs in a process of its own
  # a profile of its own too: two QGIS at a time would write one
  export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile-street
  say "Street: cables and pipes from the KLIC delivery, at their depth below the terrain"
  run loadklic <<EOF2
{"inputs": {"file": "$(echo "$data"/klic/Levering_*.zip)", "terrain": "$terrain", "cables": "$out/cables.gpkg",
  "tubes": "$out/tubes.gpkg", "precautions": "$out/precautions.gpkg"}}
EOF2
  say "Street: the plan gets its depths"
  run depthbodies <<EOF2
{"inputs": {"points": "$plan|layername=trees", "areas": "$plan|layername=crates", "radius_field": "radius",
  "top_field": "depth_top", "bottom_field": "depth_bottom", "terrain": "$terrain", "outlines": "$out/plan.gpkg"}}
EOF2
  say "Street: plan against cables and pipes"
  run clash <<EOF2
{"inputs": {"planned_areas": "$out/plan.gpkg", "present_lines": "$out/cables.gpkg",
  "purpose": "Trees and infiltration crates in the Parklaan", "conflicts": "$out/conflicts.gpkg",
  "planned_areas_outcome": "$out/outcome.gpkg", "summary": "$out/summary.csv", "record": "$out/run.json"}}
EOF2
  say "Street: what is taken below it"
  run claims <<EOF2
{"inputs": {"extent": "112700,112840,460372,460412 [EPSG:28992]", "present_lines": "$out/cables.gpkg", "depth": 2,
  "terrain": "$terrain", "cells": "$out/taken.gpkg", "table": "$out/taken.csv"}}
EOF2
  say "Street: project, map, 3D picture and report"
  results="\"$out/conflicts.gpkg\", \"$out/outcome.gpkg\", \"$out/cables.gpkg\", \"$out/tubes.gpkg\""
  run makeproject <<EOF2
{"inputs": {"layers": [$results, "$out/precautions.gpkg"$layers], "terrain": "$terrain", "extent": "$part",
  "title": "Crates and trees in the Parklaan", "credit": "${CREDIT:-Waterdam is fictional, CC0}", "confidential": true,
  "project": "$out/street.qgz", "picture": "$out/map.png"}}
EOF2
  QT_QPA_PLATFORM=xcb xvfb-run -a -n 150 -s "-screen 0 1600x1000x24 +extension GLX" \
    qgis_process --json run dtwin:picture3d - >"$out/picture3d.log.json" <<EOF2
{"inputs": {"project": "$out/street.qgz", "underground": true, "confidential": true, "pitch": 60, "heading": -14,
  "extent": "112735,112795,460360,460420 [EPSG:28992]", "share": 0.55, "picture": "$out/view3d.png"}}
EOF2
  run report <<EOF2
{"inputs": {"record": "$out/run.json", "table": "$out/summary.csv", "map": "$out/map.png",
  "picture3d": "$out/view3d.png", "title": "Can the crates and 40 trees go in the Parklaan?", "confidential": true,
  "report": "$out/report.html"}}
EOF2
}

scheme() { # what a design does to the sun of its neighbours, and whether it is within the plan and the rules
  local given=$data/scheme part="112440,112720,460150,460400 [EPSG:28992]"
  out=$out/plan
  export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile-plan
  say "Plan: the design, the norms of the zoning plan, and the ground in cells of half a metre"
  run loadcityjson <<EOF2
{"inputs": {"file": "$given/design.city.json", "lod": 0, "surfaces": "$out/design.gpkg"}}
EOF2
  run loadplan <<EOF2
{"inputs": {"file": "$given/zoning.gml", "areas": "$out/areas.gpkg"}}
EOF2
  run loadterrain <<EOF2
{"inputs": {"file": "$data/terrain_05m_filled.tif", "extent": "$part", "cell_size": 0.5, "terrain": "$out/terrain.tif"}}
EOF2
  # without a display: maps alone, as 24 pictures in 3D take minutes
  say "Plan: shadow study, and sun on the facades of neighbours"
  run shadowstudy <<EOF2
{"inputs": {"surface": "$out/terrain.tif", "terrain": "$out/terrain.tif", "buildings": "$buildings", "plan": "$out/design.gpkg",
  "footprints": "$footprints", "base_layers": ["$bgt"], "around": 80, "title": "Two blocks along the Zuidlaan",
  "purpose": "What does the new block do to its neighbours' sun?", "moments": "$out/moments.csv", "lost": "$out/lost.tif",
  "points": "$out/sun.gpkg", "summary": "$out/sun.csv", "report": "$out/shadow-study.pdf", "record": "$out/shadow.json"}}
EOF2
  say "Plan: the design against the zoning plan and the rules of the municipality"
  run plancheck <<EOF2
{"inputs": {"rules": "$given/rules.json", "plan": "$out/design.gpkg", "areas": "$out/areas.gpkg",
  "plot": "$given/plots.gpkg|layername=plot", "plots": "$given/plots.gpkg|layername=plots", "existing": "$footprints",
  "base_map": "$bgt", "terrain": "$out/terrain.tif", "sun": "$out/sun.gpkg",
  "purpose": "Does the scheme along the Zuidlaan fit the plan?", "outcomes": "$out/outcomes.csv",
  "objects": "$out/objects.gpkg", "violations": "$out/violations.gpkg", "record": "$out/run.json"}}
EOF2
  say "Plan: report of the test"
  QT_QPA_PLATFORM=xcb xvfb-run -a -n 190 -s "-screen 0 1600x1000x24 +extension GLX" \
    qgis_process --json run dtwin:planreport - >"$out/planreport.log.json" <<EOF2
{"inputs": {"record": "$out/run.json", "outcomes": "$out/outcomes.csv", "objects": "$out/objects.gpkg",
  "violations": "$out/violations.gpkg", "plan": "$out/design.gpkg", "terrain": "$out/terrain.tif", "base_layers": ["$bgt"],
  "title": "Two blocks along the Zuidlaan", "report": "$out/plan-check.pdf"}}
EOF2
}

noise() { # how loud traffic is at the facades, now and with 30 km/h at most; the paths of the first run serve both
  local roads="$data/roads.gpkg|layername=wegvakken" both
  out=$out/noise
  export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile-noise
  # coarse for a demo: a point each 12 m of wall and 20 m of map, and roads farther than 200 m do not count
  both="\"roads\": \"$roads\", \"terrain\": \"$terrain\", \"buildings\": \"$footprints\"$(with_map cover)"
  both+=', "spacing": 12, "distance": 200, "grid_spacing": 20'
  say "Noise: levels at the facades of each floor and on a map, with the traffic that is assumed"
  run roadnoise <<EOF2
{"inputs": {$both, "purpose": "How loud is it at the facades?", "transfer": "$out/paths.npz",
  "points": "$out/facades.gpkg", "panels": "$out/panels.gpkg", "tested": "$out/houses.gpkg", "grid": "$out/levels.tif",
  "contours": "$out/contours.gpkg", "sources": "$out/roads.gpkg", "summary": "$out/classes.csv", "record": "$out/run.json"}}
EOF2
  say "Noise: the same with 30 km/h at most"
  run roadnoise <<EOF2
{"inputs": {$both, "purpose": "What does 30 km/h change?", "speed_limit": 30, "stored": "$out/paths.npz",
  "points": "$out/facades_30.gpkg", "tested": "$out/houses_30.gpkg", "grid": "$out/levels_30.tif",
  "summary": "$out/classes_30.csv", "record": "$out/run_30.json"}}
EOF2
  run noisedifference <<EOF2
{"inputs": {"before": "$out/levels.tif", "after": "$out/levels_30.tif", "before_points": "$out/facades.gpkg",
  "after_points": "$out/facades_30.gpkg", "buildings": "$footprints", "difference": "$out/difference.tif",
  "point_change": "$out/change.gpkg", "building_change": "$out/houses_change.gpkg", "statistics": "$out/statistics.csv",
  "record": "$out/difference.json"}}
EOF2
  say "Noise: projects, maps and 3D picture"
  run makeproject <<EOF2
{"inputs": {"layers": ["$out/difference.tif", "$out/houses_change.gpkg"$layers], "terrain": "$terrain",
  "title": "Less noise with 30 km/h, assumed traffic", "credit": "${CREDIT:-Waterdam is fictional, CC0}",
  "project": "$out/difference.qgz", "picture": "$out/difference.png"}}
EOF2
  run makeproject <<EOF2
{"inputs": {"layers": ["$out/panels.gpkg", "$out/houses.gpkg", "$out/contours.gpkg"$layers], "terrain": "$terrain",
  "title": "Noise of roads (Lden), assumed traffic", "credit": "${CREDIT:-Waterdam is fictional, CC0}",
  "project": "$out/noise.qgz", "picture": "$out/map.png"}}
EOF2
  QT_QPA_PLATFORM=xcb xvfb-run -a -n 230 -s "-screen 0 1600x1000x24 +extension GLX" \
    qgis_process --json run dtwin:picture3d - >"$out/picture3d.log.json" <<EOF2
{"inputs": {"project": "$out/noise.qgz", "pitch": 55, "heading": -30, "extent": "112440,112720,460560,460800 [EPSG:28992]",
  "picture": "$out/view3d.png"}}
EOF2
}

study() { # three measures through one chain of models, a table of what they do, and all of it in an archive package
  local listed
  out=$out/study
  export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile-study
  say "Study: nothing, crates, wadis and lower streets through one chain of models"
  run runstudy <<EOF2
{"inputs": {"twin": "$data/flood-study.json", "results": "$out/results"}}
EOF2
  say "Study: project with the maps"
  run makeproject <<EOF2
{"inputs": {"layers": ["$out/results/differences/water_wadi.tif"$layers],
  "terrain": "$terrain", "title": "Change of the largest depth with wadis", "extent": "112300,112700,460560,461000 [EPSG:28992]",
  "credit": "${CREDIT:-Waterdam is fictional, CC0}", "project": "$out/study.qgz", "picture": "$out/map.png"}}
EOF2
  say "Study: archive package"
  listed=$(.venv/bin/python -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))["records"]))' "$out/results/study.json")
  run archivestudy <<EOF2
{"inputs": {"records": $listed, "files": ["$out/results/study.html", "$out/results/indicators.csv", "$data/flood-study.json",
  "$out/results/differences/water_crates.tif", "$out/results/differences/water_wadi.tif",
  "$out/results/differences/water_lowered.tif", "$out/map.png"],
  "title": "Measures against flooding around the Wilhelminastraat", "organisation": "Gemeente Waterdam",
  "package": "$out/study.zip"}}
EOF2
  run checkarchive <<EOF2
{"inputs": {"package": "$out/study.zip", "report": "$out/faults.json"}}
EOF2
}

if [ -n "${DATA:-}" ]; then load_files; else load_area; fi
layers=${bgt:+, \"$bgt\"} # of a map, with a comma before them
beside="" block="" loud="" compared="" # the other questions are answered while the first is
if [ -e "$data/manifest.json" ] && [ -e "$data/plan.gpkg" ] && compgen -G "$data/klic/Levering_*.zip" >/dev/null; then
  mkdir -p "$out/street" "$root/build/profile-street"
  cp -r "$root/build/profile/." "$root/build/profile-street"
  street >"$out/street/steps.log" 2>&1 &
  beside=$!
fi
if [ -e "$data/manifest.json" ] && [ -e "$data/scheme/rules.json" ]; then
  mkdir -p "$out/plan" "$root/build/profile-plan"
  cp -r "$root/build/profile/." "$root/build/profile-plan"
  scheme >"$out/plan/steps.log" 2>&1 &
  block=$!
fi
if [ -e "$data/manifest.json" ] && [ -e "$data/roads.gpkg" ]; then
  mkdir -p "$out/noise" "$root/build/profile-noise"
  cp -r "$root/build/profile/." "$root/build/profile-noise"
  noise >"$out/noise/steps.log" 2>&1 &
  loud=$!
fi
if [ -e "$data/flood-study.json" ]; then
  mkdir -p "$out/study" "$root/build/profile-study"
  cp -r "$root/build/profile/." "$root/build/profile-study"
  study >"$out/study/steps.log" 2>&1 &
  compared=$!
fi
say "Terrain for water: holes filled, decks taken off"
run floodterrain <<EOF2
{"inputs": {"terrain": "$terrain", "buildings": "$footprints"$(with_map base_map), "prepared": "$out/ground.tif",
  "findings": "$out/findings.gpkg"}}
EOF2
# event 1 is the stress test of once in 100 years
say "Rain: 70 mm in 1 hour, and 1 hour after it"
run flood <<EOF2
{"inputs": {"terrain": "$out/ground.tif", "buildings": "$footprints"$(with_map landcover), "event": 1,
  "after": 1, "purpose": "Stress test of extreme rain", "depth_max": "$out/water_depth_max.tif",
  "depth": "$out/water_depth.tif", "duration": "$out/duration.tif", "mesh": "$out/water.nc",
  "building_depth": "$out/building_depth.gpkg", "balance": "$out/balance.csv", "record": "$out/run.json"}}
EOF2
say "Consequences: water in houses, passable roads"
run floodconsequences <<EOF2
{"inputs": {"depth_max": "$out/water_depth_max.tif", "terrain": "$out/ground.tif", "buildings": "$footprints"$(with_map roads),
  "duration": "$out/duration.tif", "building_consequences": "$out/houses.gpkg",
  "summary": "$out/consequences.csv", "record": "$out/consequences.json"}}
EOF2
if [ -e "$data/measures.gpkg" ]; then measures; fi
say "Project and map"
run makeproject <<EOF2
{"inputs": {"layers": ["$out/building_depth.gpkg", "$buildings", "$out/water_depth_max.tif", "$out/water_depth.tif"$layers],
  "terrain": "$out/ground.tif", "title": "Water depth after 70 mm of rain in 1 hour",
  "credit": "${CREDIT:-Waterdam is fictional, CC0}", "project": "$out/twin.qgz", "picture": "$out/map.png"}}
EOF2
say "3D picture"
QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX" \
  qgis_process --json run dtwin:picture3d - >"$out/picture3d.log.json" <<EOF2
{"inputs": {"project": "$out/twin.qgz", "picture": "$out/view3d.png"}}
EOF2
say "Report"
run report <<EOF2
{"inputs": {"record": "$out/run.json", "buildings": "$out/building_depth.gpkg", "map": "$out/map.png",
  "picture3d": "$out/view3d.png", "report": "$out/report.html"}}
EOF2

if [ -n "$beside" ]; then
  wait "$beside" || { cat "$out/street/steps.log" >&2; exit 1; }
  cat "$out/street/steps.log"
fi
if [ -n "$block" ]; then
  wait "$block" || { cat "$out/plan/steps.log" >&2; exit 1; }
  cat "$out/plan/steps.log"
fi
if [ -n "$loud" ]; then
  wait "$loud" || { cat "$out/noise/steps.log" >&2; exit 1; }
  cat "$out/noise/steps.log"
fi
if [ -n "$compared" ]; then
  wait "$compared" || { cat "$out/study/steps.log" >&2; exit 1; }
  cat "$out/study/steps.log"
fi

say "Done: which areas are expected to flood, can the crates and trees go in this street, does the new block fit the plan, what does 30 km/h change, and which measure helps most?"
.venv/bin/python - "$out" <<'EOF2'
import csv, json, os, pathlib, sys
out = pathlib.Path(sys.argv[1])
run = json.loads((out / "run.json").read_text())
print(f"  {run['outputs']['flooded_area'] / 1e4:.1f} ha deeper than 0.05 m; mass balance error {run['outputs']['mass_error']:.1e}")
houses = json.loads((out / "consequences.json").read_text())["outputs"]
print(f"  water in {houses['buildings_inside']:.0f} buildings for sure, damage about {houses['damage_mean']:,.0f} EUR")
if (out / "measures" / "difference.json").is_file():
    helped = json.loads((out / "measures" / "difference.json").read_text())["outputs"]
    print(f"  measures in the Wilhelminastraat: {helped['volume_less']:.0f} m3 less water on the street, "
          f"{helped['cost_per_m3']:,.0f} EUR per m3")
if (out / "street" / "run.json").is_file():
    found = json.loads((out / "street" / "run.json").read_text())["outputs"]
    planned = {name: found[name] for name in ("free", "uncertain", "too_close", "clash")}
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in planned.items())
    print(f"  of {sum(planned.values())} trees and crates in the Parklaan: {told}")
if (out / "plan" / "run.json").is_file():
    study = json.loads((out / "plan" / "shadow.json").read_text())["outputs"]
    found = json.loads((out / "plan" / "run.json").read_text())["outputs"]
    kinds = ("non_compliant", "review_required", "insufficient_data", "compliant", "not_applicable")
    told = ", ".join(f"{found[name]} {name.replace('_', ' ')}" for name in kinds)
    print(f"  the new block takes an hour of sun or more of {study['lost_area']:.0f} m2; rules and objects: {told}")
if (out / "noise" / "difference.json").is_file():
    def dwellings(file):
        with (out / "noise" / file).open(encoding="utf-8-sig", newline="") as stream:
            return {row["class"]: float(row["dwellings"]) for row in csv.DictReader(stream) if row["indicator"] == "lden"}
    now, slower = dwellings("classes.csv"), dwellings("classes_30.csv")
    louder = [sum(count for name, count in found.items() if name not in ("< 55", "not known")) for found in (now, slower)]
    mean = json.loads((out / "noise" / "difference.json").read_text())["outputs"]["mean_difference"]
    print(f"  with assumed traffic {louder[0]:.0f} of {sum(now.values()):.0f} dwellings have 55 dB Lden or more at their "
          f"most exposed facade; with 30 km/h at most it is {louder[1]:.0f}, and {abs(mean):.1f} dB "
          f"{'less' if mean < 0 else 'more'} on the map on average")
    for name in now:
        print(f"    {name:>9} dB: {now[name]:5.0f} dwellings now, {slower[name]:5.0f} with 30 km/h")
if (out / "study" / "results" / "study.json").is_file():
    told = json.loads((out / "study" / "results" / "study.json").read_text())
    print("  " + " ".join(told["answer"]))
    with (out / "study" / "results" / "indicators.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    titles = list(dict.fromkeys(row["scenario_title"] for row in rows))
    print(f"    {'':44}" + "".join(f"{title:>20}" for title in titles))
    for title in dict.fromkeys(row["title"] for row in rows):
        cells = [row for row in rows if row["title"] == title]
        shown = [f"{float(row['value']):,.6g}" if row["value"] else "not known" for row in cells]
        marks = ["*" if row["best"] == "1" else " " for row in cells]
        unit = "" if cells[0]["unit"] == "1" else f" [{cells[0]['unit']}]"
        print(f"    {title + unit:44}" + "".join(f"{text:>19}{mark}" for text, mark in zip(shown, marks)))
    faults = json.loads((out / "study" / "faults.json").read_text())
    print(f"    * best; the archive package is {'whole' if faults['valid'] else 'NOT whole'}")
for name in ("report.html", "twin.qgz", "map.png", "view3d.png", "water_depth_max.tif", "water_depth.tif",
             "building_depth.gpkg", "houses.gpkg", "water.nc", "measures/difference.tif", "area.gpkg", "buildings.gpkg", "run.json", "street/report.html",
             "street/street.qgz", "street/map.png", "street/view3d.png", "street/outcome.gpkg", "street/taken.gpkg",
             "plan/shadow-study.pdf", "plan/plan-check.pdf", "plan/outcomes.csv", "plan/violations.gpkg", "noise/noise.qgz",
             "noise/map.png", "noise/view3d.png", "noise/difference.tif", "noise/difference.png", "noise/facades.gpkg",
             "noise/classes.csv", "noise/classes_30.csv", "noise/roads.gpkg", "study/results/study.html", "study/results/indicators.csv", "study/study.qgz", "study/map.png",
             "study/study.zip"):
    path = out / name
    if path.is_file():
        print(f"  {path.stat().st_size / 1e6:7.2f} MB  {os.path.relpath(path)}")
EOF2
