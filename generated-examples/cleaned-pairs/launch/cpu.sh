#!/usr/bin/env bash
# Trains on one CPU. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
python prepare.py
exec accelerate launch --config_file launch/accelerate/cpu.yaml train.py "$@"
