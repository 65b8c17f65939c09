#!/usr/bin/env bash
# Trains on several GPUs of one machine. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONWARNINGS=ignore::FutureWarning  # of one library to another: the versions of both are pinned
set -m  # Ctrl-C is for the program: its launcher would answer with a traceback
accelerate launch --quiet --config_file launch/accelerate/multi_gpu.yaml train.py "$@" &
trap '{ kill -STOP $! && pkill -INT -P $! && kill -KILL $! || { kill -INT -- -$! && kill -CONT $!; }; } 2>/dev/null || true; exit 130' INT
trap 'kill -- -$!' TERM HUP
wait $!
