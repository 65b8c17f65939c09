#!/usr/bin/env bash
# Trains in several processes on one CPU. Further arguments go to train.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CUDA_VISIBLE_DEVICES=""
# Without it, and without GPUs, each process would train a model of its own.
export ACCELERATE_USE_CPU=true
# Of the cores that a container sees, it may have the time of a few.
cores=$(nproc 2> /dev/null || getconf _NPROCESSORS_ONLN)
read -r quota period 2> /dev/null < /sys/fs/cgroup/cpu.max &&
  [[ $quota != max ]] && ((quota < cores * period)) && cores=$(((quota + period - 1) / period))
# The processes of a machine share them; each would otherwise take just one.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$((cores > 2 ? cores / 2 : 1))}"
export PYTHONWARNINGS=ignore::FutureWarning  # of one library to another: the versions of both are pinned
# Where a process fails, torch's launcher adds a traceback of its own to what that has said: a line is enough.
exec 2> >(
  trap '' INT
  sed -u -e '/elastic.*closing signal/d' \
    -e '/elastic.*failed (exitcode/{s/.*(exitcode: \(.*\)) local_rank: \([0-9]*\) .*/launch: process \2 ended with exit code \1, so all are ended/;q;}' >&2
  cat > /dev/null
)
filter=${!:-}
# What the processes say last, as after Ctrl-C, is on its way through that when they have ended.
trap 'exec 2> /dev/null; for _ in {1..10}; do kill -0 "$filter" || break; sleep 0.2; done' EXIT
set -m  # Ctrl-C is for the program: its launcher would answer with a traceback
accelerate launch --quiet --config_file launch/accelerate/multi_cpu.yaml train.py "$@" &
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
