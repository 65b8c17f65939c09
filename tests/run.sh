#!/usr/bin/env bash
# Sets up .venv and passes all checks. Arguments go to pytest: `-m "not matrix"` leaves out the matrix, which trains every row of the rules tables.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

source tests/environment.sh
install_stgen '[test]'
# One thread each: processes of pytest work side by side.
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS=1

ruff check .
ruff format --check .
mypy
lint-imports --no-cache --no-logo
python -m pytest --numprocesses logical --maxprocesses 4 --dist worksteal "$@"
