# Sourced by the scripts that set up a fresh machine: makes .venv with Python 3.11 or later, and activates it.

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "stgen needs Python 3.11 or later; name one: PYTHON=python3.11 bash $0" >&2
  exit 1
fi
[ -d .venv ] || "$python" -m venv .venv
source .venv/bin/activate

# Without a GPU, PyTorch's own index has a build without CUDA, which is several gigabytes smaller.
install_torch() {
  python -c 'import torch' 2>/dev/null && return
  local cpu=https://download.pytorch.org/whl/cpu
  if ! command -v nvidia-smi >/dev/null && python -c "import urllib.request as u; u.urlopen('$cpu/torch/', timeout=5)" 2>/dev/null; then
    pip install --quiet torch==2.13.0 --index-url "$cpu"
  else
    pip install --quiet torch==2.13.0
  fi
}

install_stgen() {
  echo "Installing into .venv: the first time, this takes some minutes"
  install_torch
  pip install --quiet --editable ".${1:-}"
}
