"""The layers that FSDP gathers one at a time: `model_type` of config.json -> the class of a layer in transformers.

accelerate asks a model for its `_no_split_modules`, and models of sentence-transformers name none: without the name it
would share out the model as one piece, and gather all of it for each pass.
"""

from __future__ import annotations

# fmt: off
LAYERS: dict[str, str] = {
    "bert":        "BertLayer",
    "electra":     "ElectraLayer",
    "ernie":       "ErnieLayer",
    "roberta":     "RobertaLayer",
    "xlm-roberta": "XLMRobertaLayer",
    "camembert":   "CamembertLayer",
    "distilbert":  "TransformerBlock",
    "mpnet":       "MPNetLayer",
    "modernbert":  "ModernBertEncoderLayer",
    "deberta-v2":  "DebertaV2Layer",
    "qwen2":       "Qwen2DecoderLayer",
    "qwen3":       "Qwen3DecoderLayer",
    "llama":       "LlamaDecoderLayer",
    "mistral":     "MistralDecoderLayer",
    "gemma3_text": "Gemma3DecoderLayer",
}
# fmt: on
