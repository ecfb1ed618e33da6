# shellcheck shell=bash
# Question 4: how loud is it at the facades, and what does 30 km/h change?

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
