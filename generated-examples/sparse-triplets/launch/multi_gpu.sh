#!/usr/bin/env bash
# Trains on several GPUs of one machine. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONWARNINGS=ignore::FutureWarning  # of one library to another: the versions of both are pinned
set -m  # Ctrl-C is for the program: its launcher would answer with a traceback
accelerate launch --quiet --config_file launch/accelerate/multi_gpu.yaml train.py "$@" &
launcher=$!
interrupt() {
  # The launcher has no say any more: its processes are told, and it is ended.
  kill -STOP "$launcher" && pkill -INT -P "$launcher" && kill -KILL "$launcher" && return
  # Without pkill all are told.
  kill -INT -- "-$launcher" && kill -CONT "$launcher"
}
trap 'interrupt 2>/dev/null || true; exit 130' INT
trap 'kill -- "-$launcher"' TERM HUP
wait "$launcher"
