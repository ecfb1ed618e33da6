# shellcheck shell=bash
# Question 1: which areas are expected to flood under extreme rain, what does it do, and what do measures help?

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

flood() {
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
}
