# shellcheck shell=bash
# Question 6: what do 300 new homes in Waterdam do to traffic and noise?

traffic() { # homes, trips, flows and noise of four scenarios through one chain of models; nothing by hand between them
  out=$out/traffic
  local results=$out/results
  export QGIS_CUSTOM_CONFIG_PATH=$root/build/profile-traffic
  say "Traffic: now, 300 homes, a second exit and 30 km/h through one chain of models"
  run runstudy <<EOF2
{"inputs": {"twin": "$data/traffic-study.json", "results": "$results"}}
EOF2
  # what the scenario with the homes alone made, by step and output
  made() { .venv/bin/python -m scripts.demo.told "$results/study.json" homes "$@"; }
  say "Traffic: projects and maps"
  run makeproject <<EOF2
{"inputs": {"layers": ["$(made assign flows)", "$data/new_homes.gpkg|layername=homes"$layers], "terrain": "$terrain",
  "title": "Traffic with 300 homes, invented rates", "extent": "112050,112700,460450,461000 [EPSG:28992]",
  "credit": "${CREDIT:-Waterdam is fictional, CC0}", "project": "$out/traffic.qgz", "picture": "$out/map.png"}}
EOF2
  run makeproject <<EOF2
{"inputs": {"layers": ["$(made traffic_change difference)", "$(made noise_change building_change)",
  "$(made noise_change difference)"$layers], "terrain": "$terrain",
  "title": "Change of traffic and noise with 300 homes", "extent": "112050,112700,460450,461000 [EPSG:28992]",
  "credit": "${CREDIT:-Waterdam is fictional, CC0}", "project": "$out/difference.qgz", "picture": "$out/difference.png"}}
EOF2
}
