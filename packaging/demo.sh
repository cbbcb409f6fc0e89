#!/usr/bin/env bash
# The main job, end to end, on what ships with the program: complaints in, a fine-tuned model out, before and after side by side.
# usage: demo.sh LOSSMITH-CLI FOLDER
set -euo pipefail
cli=$1
folder=$2
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
samples=$here/../resources/samples
project=$folder/complaints.lossmith

export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-20000}   # beside other work, threads that spin at a barrier slow each other down

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

rm -rf "$folder"
mkdir -p "$folder"

say "1. Import: 3,000 complaints to a shop, each with the reply it should get; 300 more are held out"
"$cli" import "$project" "$samples/complaints.csv" --json >"$folder/import.json"
"$cli" import "$project" "$samples/complaints_heldout.csv" --split test --json >>"$folder/import.json"
# The complaint itself is the prompt, so that the untuned model goes on from it as it would from any text.
"$cli" template "$project" --set '{"prompt": "{problem}", "completion": " {solution}"}' >/dev/null
"$cli" data "$project"

say "2. Train: the shipped starter model, which tells stories, on solutions only"
"$cli" train "$project" --config "$samples/complaints-run.json" --progress

say "3. The loss fell"
"$cli" metrics "$project" 1 --name validation/loss

say "4. Held-out complaints, before and after"
"$cli" compare "$project" 1 --html "$folder/comparison.html"

say "5. Now by hand: ./dev run $project"
