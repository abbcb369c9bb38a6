#!/bin/sh
# Builds the benchmarks, runs them all and writes RESULTS.md and results/ beside this file.
#   benchmarks/run.sh [--quick | --thorough] [--only NAME] [--out DIRECTORY]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
(cd "$here/.." && mvn -q -B -ntp -pl benchmarks -am -DskipTests -Dspotless.check.skip package)
commit=$(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown)
exec java -Dbenchmark.commit="$commit" -jar "$here/target/benchmarks.jar" --out "$here" "$@"
