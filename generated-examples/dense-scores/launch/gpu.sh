#!/usr/bin/env bash
# Trains on one GPU. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec accelerate launch --quiet --config_file launch/accelerate/gpu.yaml train.py "$@"
