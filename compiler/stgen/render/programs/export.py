"""Which fragments export.py is made of: ExportPlan -> ExportProgram. Their text stands in `templates/export/`."""

from __future__ import annotations

from stgen.plan.planned_measures import ExportPlan
from stgen.render.programs.fragments import those
from stgen.values.record import Record


class ExportProgram(Record):
    """The fragments of export.py."""

    written: tuple[str, ...]  # file by file
    functions: tuple[str, ...]
    runner: str  # which kinds of files can be run


def export_program(exported: ExportPlan) -> ExportProgram:
    """Choose the fragments. OpenVINO's files are made of an ONNX graph, which passes where nobody asks for it."""
    onnx, openvino = "onnx" in exported.formats, "openvino" in exported.formats
    return ExportProgram(
        written=those(
            {
                "onnx": onnx,
                "onnx_int8": onnx and exported.quantize,
                "converted": onnx and openvino,
                "passing": not onnx,
                "openvino": openvino,
                "openvino_int8": openvino and exported.quantize,
            }
        ),
        functions=those(
            {
                "quantize_onnx": onnx and exported.quantize,
                "write_openvino": openvino,
                "quantize_openvino": openvino and exported.quantize,
            }
        ),
        runner="both" if onnx and openvino else "openvino" if openvino else "onnx",
    )
