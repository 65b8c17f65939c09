#!/usr/bin/env bash
# Trains on one CPU. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(getconf _NPROCESSORS_ONLN)}"
exec accelerate launch --quiet --config_file launch/accelerate/cpu.yaml train.py "$@"
