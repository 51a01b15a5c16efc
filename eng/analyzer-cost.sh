#!/usr/bin/env bash
# What the analyzer adds to a build: compiles the library with and without it, in turns, in the compiler server that every build has, and compares the medians.
# analyzer-cost.sh [ROUNDS] [PROJECT]: 5 rounds of src/MemoryPages, unless said otherwise. Other rules are those that a new project has.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=${1:-5}
project=${2:-$root/src/MemoryPages}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# compile ANALYZER: milliseconds that the compiler took.
compile() {
  dotnet build -c Release "$project" -m:1 --no-restore --no-dependencies --no-incremental -v q "-clp:PerformanceSummary;Verbosity=normal" \
    -p:MemoryPagesAnalyzers="$1" -p:RunAnalyzers=true -p:UseSharedCompilation=true -p:AnalysisLevel=latest -p:EnforceCodeStyleInBuild=false |
    awk '$3 == "Csc" { print $1; exit }'
}

median() { sort -n | awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int(NR / 2) + 1]) / 2 }'; }

dotnet build -c Release "$project" -m:1 -v q >/dev/null
compile true >/dev/null # the server loads both
compile false >/dev/null
with=() without=()
for _ in $(seq "$rounds"); do
  with+=("$(compile true)")
  without+=("$(compile false)")
done
a=$(printf '%s\n' "${with[@]}" | median) b=$(printf '%s\n' "${without[@]}" | median)
awk -v a="$a" -v b="$b" -v name="$(basename "$project")" -v rounds="$rounds" 'BEGIN {
  printf "%s compiled with the analyzer: %d ms, without: %d ms, ratio %.3f (medians of %d in turns)\n", name, a, b, a / b, rounds }'
