"""The exact versions that generated repos pin: those that the rules and templates are tested with."""

from __future__ import annotations

# fmt: off
REQUIRED: dict[str, str] = {
    "accelerate":            "1.15.0",
    "datasets":              "5.2.0",
    "sentence-transformers": "6.2.0",
    "torch":                 "2.13.0",
    "transformers":          "5.23.0",
}
MEASURING: dict[str, str] = {  # evaluate.py and report.py
    "huggingface-hub": "2.4.0",
    "jinja2":       "3.1.6",
    "numpy":        "2.4.6",
    "scikit-learn": "1.9.1",
    "scipy":        "1.17.1",
}
BM25: dict[str, str] = {"bm25s": "0.3.16"}
LORA: dict[str, str] = {"peft": "0.21.2"}
MTEB: dict[str, str] = {"huggingface-hub": "2.4.0", "mteb": "2.26.24"}
EXPORTING: dict[str, dict[str, str]] = {  # optimum-onnx 0.1 and optimum-intel 2.2 want older versions of transformers than these
    "graph":              {"onnx": "1.23.2", "onnxscript": "0.7.2"},
    "onnx":               {"onnxruntime": "1.31.1"},
    "onnx quantized":     {"onnxruntime": "1.31.1"},
    "openvino":           {"openvino": "2026.4.1"},
    "openvino quantized": {"nncf": "3.4.0", "openvino": "2026.4.1"},
}
TRACKERS: dict[str, dict[str, str]] = {
    "mlflow":      {"mlflow": "3.18.0"},
    "tensorboard": {"tensorboard": "2.21.0"},
    "trackio":     {"trackio": "0.43.0"},
    "wandb":       {"wandb": "0.31.0"},
}
DEV: dict[str, str] = {
    "mypy":   "2.4.1",
    "pytest": "9.2.0",
    "ruff":   "0.17.5",
}
# fmt: on
