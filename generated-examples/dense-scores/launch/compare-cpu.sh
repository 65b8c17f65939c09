#!/usr/bin/env bash
# Trains on one CPU. Further arguments go to compare.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
exec accelerate launch --config_file launch/accelerate/cpu.yaml compare.py "$@"
