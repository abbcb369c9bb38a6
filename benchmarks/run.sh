#!/bin/sh
# Builds the benchmarks, runs them all and writes RESULTS.md and results/ beside this file.
#   benchmarks/run.sh [--built] [--quick | --thorough] [--growth | --only NAME] [--out DIRECTORY]
# With --built first, it takes the program as it is. --growth measures the curves alone, with relay and agent as processes of their own.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = --built ]; then
  shift
else
  (cd "$here/.." && mvn -q -B -ntp -pl benchmarks -am -DskipTests -Dspotless.check.skip package)
fi
commit=$(git -C "$here" describe --always --dirty 2>/dev/null || echo unknown)
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Dbenchmark.commit="$commit" -jar "$here/target/benchmarks.jar" --out "$here" "$@"
