# shellcheck shell=bash
# Question 5: which of three measures helps most against flooding, and what does each do to the rest?

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
