#!/bin/sh
# The soak of the language server, longer than the tests run it: run.sh [EDITS] random edits on every text of the
# repository, after each of which it must say what `erpq check` says. Prints the time; the last line is the verdict.
set -eu
cd "$(dirname "$0")/../.."
edits=${1:-200}
export SWIFT_BACKTRACE=enable=no
start=$(date +%s)
ERPQ_SOAK_EDITS=$edits swift test --filter SoakTests 2>&1 | grep -E '✘|✔ Test run|error:' || true
echo "$edits edits a text, $(($(date +%s) - start)) s"
