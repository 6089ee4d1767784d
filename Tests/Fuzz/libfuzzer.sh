#!/bin/sh
# Coverage-guided fuzzing of lexer, parser, formatter and highlighter under the address sanitizer.
# Usage: Tests/Fuzz/libfuzzer.sh SECONDS [libFuzzer options]. Exits non-zero on a crash; the input lies in the work folder.
set -eu
seconds=${1:?"usage: libfuzzer.sh SECONDS"}
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${ERPQ_FUZZ_DIR:-$root/.build-fuzz}
mkdir -p "$work/corpus" "$work/crashes"
cd "$work"

# One module a call, in the order of their imports.
flags="-O -swift-version 6 -parse-as-library -sanitize=fuzzer,address -I ."
compile() {
  name=$1
  shift
  swiftc $flags -module-name "$name" -wmo -emit-module -emit-module-path "$name.swiftmodule" -c -o "$name.o" "$@"
}
compile ErpqBase $(find "$root/Sources/ErpqBase" -name '*.swift')
compile ErpqDiagnostics $(find "$root/Sources/ErpqDiagnostics" -name '*.swift')
compile ErpqSyntax $(find "$root/Sources/ErpqSyntax" -name '*.swift')
compile ErpqTooling $(find "$root/Sources/ErpqTooling/Format" "$root/Sources/ErpqTooling/Highlight" -name '*.swift')
swiftc $flags -module-name FuzzTarget -o fuzz-target "$root/Tests/Fuzz/LibFuzzer/FuzzTarget.swift" \
  "$root/Tests/Fuzz/Mutations/Checks.swift" ErpqBase.o ErpqDiagnostics.o ErpqSyntax.o ErpqTooling.o 2>&1 | grep -v 'Cannot export local symbol' || true

# Seeds: every line of the fixture script, and the script itself; the words of the grammar as a dictionary.
script=$root/Tests/ErpqToolingTests/Fixtures/statements.erpq
if [ ! -e corpus/script ]; then
  cp "$script" corpus/script
  split -l 1 -a 3 "$script" corpus/line-
fi
grep -o "'[^']*'" "$root/grammar/erpq.ebnf" | tr -d "'" | sort -u |
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&"/' >words.dict

# Without this the crash reporter of Swift stays behind and holds the pipe.
SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 ./fuzz-target -max_total_time="$seconds" -max_len=2000 \
  -timeout=10 -rss_limit_mb=4096 -dict=words.dict -artifact_prefix=crashes/ "$@" corpus
