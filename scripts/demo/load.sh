# shellcheck shell=bash
# Data: everything of an area from servers that play the national services, or the files of a folder.

load_area() { # everything of the sample municipality, from servers here that play the national services
  data=$root/build/sample
  if [ ! -e "$data/traffic-study.json" ]; then # the newest of what the sample has
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
