#!/usr/bin/env bash
# Peak memory and speed of real training steps beside the plan: a table for the card of this machine.
#
# Needs PyTorch, sentence-transformers and datasets, and no network. Where there is no GPU it says what it skipped and
# measures small models on the CPU. The table goes to $OUT, or beside this file.
set -euo pipefail
cd "$(dirname "$0")"
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false PYTHONUNBUFFERED=1
export PYTHONPATH="$PWD/../../compiler:$PWD/..${PYTHONPATH:+:$PYTHONPATH}"
mkdir -p "${OUT:=$PWD}"
exec python3 measure.py --output "$OUT" "$@"
