# shellcheck shell=bash
# Question 2: can the crates and 40 trees go in this street?

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
