#!/usr/bin/env bash
# Trains on several GPUs of one machine. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec accelerate launch --quiet --config_file launch/accelerate/multi_gpu.yaml train.py "$@"
