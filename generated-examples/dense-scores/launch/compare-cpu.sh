#!/usr/bin/env bash
# Trains on one CPU. Further arguments go to compare.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
# Of the cores that a container sees, it may have the time of a few.
cores=$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN)
read -r quota period 2> /dev/null < /sys/fs/cgroup/cpu.max &&
  [[ $quota != max ]] && ((quota < cores * period)) && cores=$(((quota + period - 1) / period))
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$cores}"
set -m  # Ctrl-C is for the program: its launcher would answer with a traceback
accelerate launch --quiet --config_file launch/accelerate/cpu.yaml compare.py "$@" &
launcher=$!
interrupt() {
  # The launcher has no say any more: its processes are told, and it is ended.
  kill -STOP "$launcher" && pkill -INT -P "$launcher" && kill -KILL "$launcher" && return
  # Without pkill all are told.
  kill -INT -- "-$launcher" && kill -CONT "$launcher"
}
trap 'exec 2> /dev/null; interrupt || true; exit 130' INT  # the shell itself would tell that it has killed
trap 'kill -- "-$launcher"' TERM HUP
wait "$launcher"
