# shellcheck shell=bash
# Question 3: what does the new block do to its neighbours' sun, and does it fit the plan?

plan() { # what a design does to the sun of its neighbours, and whether it is within the plan and the rules
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
