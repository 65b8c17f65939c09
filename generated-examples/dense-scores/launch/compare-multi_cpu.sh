#!/usr/bin/env bash
# Trains in several processes on one CPU. Further arguments go to compare.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
# Without it, and without GPUs, each process would train a model of its own.
export ACCELERATE_USE_CPU=true
# The processes share the cores; each would otherwise take just one.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$(($(getconf _NPROCESSORS_ONLN) / 2 > 0 ? $(getconf _NPROCESSORS_ONLN) / 2 : 1))}"
exec accelerate launch --config_file launch/accelerate/multi_cpu.yaml compare.py "$@"
