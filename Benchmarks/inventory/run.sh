#!/bin/sh
# Policies, simulation and the frontier over 10,000 made-up products: run.sh [PRODUCTS DAYS PATHS].
set -eu
cd "$(dirname "$0")/../.."
scratch=${SCRATCH:-.build-release}
swift build -c release --scratch-path "$scratch" --static-swift-stdlib --product erpq-bench-inventory >&2
exec "$scratch/release/erpq-bench-inventory" "$@"
