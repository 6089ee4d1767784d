#!/usr/bin/env bash
# Parse speed: lexer, parser and formatter on a 5 MB script.
set -euo pipefail
cd "$(dirname "$0")/../.."
swift build -c release --static-swift-stdlib --scratch-path .build-release --product erpq-bench-parse >/dev/null
.build-release/release/erpq-bench-parse
