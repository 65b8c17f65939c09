"""Lets the CPU pass for an accelerator, so that a tensor which is used where it doesn't lie is told without one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

APART = {"copy_", "__getitem__", "__setitem__", "index_put_"}  # which take some of their tensors from the CPU
TO_NUMPY = {"numpy", "__array__"}


class Pretended(TorchFunctionMode):
    """Marks what is moved to the device, or made there of what is, and stops where the device would."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name == "__get__" and getattr(func, "__self__", None) is torch.Tensor.device:
            return torch.device(self.kind, 0) if is_there(args[0]) else func(*args, **kwargs)
        if name == "__get__" and getattr(func, "__self__", None) is torch.Tensor.is_cuda:
            return self.kind == "cuda" and is_there(args[0])
        if name in ("to", "cpu", "cuda"):
            return self.move(name, func, args, kwargs)
        tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
        there = any(map(is_there, tensors))
        if name in TO_NUMPY and there:
            raise TypeError(f"can't convert {self.kind}:0 device type tensor to numpy")
        if self.kind == "mps" and there and (name == "double" or torch.float64 in (*args, *kwargs.values())):
            raise TypeError("an Apple GPU has no float64")
        if there and name not in APART and not all(is_there(one) for one in tensors if one.dim()):
            raise RuntimeError(f"{name}: expected all tensors to be on the same device")
        if kwargs.get("device") is not None and torch.device(kwargs["device"]).type in (self.kind, "cpu"):
            there, kwargs["device"] = torch.device(kwargs["device"]).type == self.kind, torch.device("cpu")
        return mark(func(*args, **kwargs)) if there else func(*args, **kwargs)

    def move(self, name: str, func: Any, args: Any, kwargs: Any) -> Any:
        """Move a tensor to the device or from there, where it is asked to."""
        tensor, *given = args
        if tensor.is_meta or "meta" in map(str, (*given, *kwargs.values())):
            return func(*args, **kwargs)
        asked = {"cpu": "cpu", "cuda": self.kind}.get(name)
        there = is_there(tensor) if asked is None else asked == self.kind
        left = []
        for one in [*given, *kwargs.values()]:
            if isinstance(one, (str, torch.device)):
                there = torch.device(one).type == self.kind
            elif isinstance(one, torch.Tensor):
                there = is_there(one)
            if one is torch.float64 and there and self.kind == "mps":
                raise TypeError("an Apple GPU has no float64")
            if isinstance(one, torch.dtype):
                left.append(one)
        moved = tensor.to(left[0]) if left else tensor
        if isinstance(tensor, torch.nn.Parameter) and moved is tensor:
            tensor.__dict__["_there"] = there
            return tensor
        moved = tensor.clone() if moved is tensor else moved
        moved.__dict__["_there"] = there
        return moved


def is_there(tensor: Any) -> bool:
    return bool(getattr(tensor, "__dict__", {}).get("_there"))


def mark(made: Any) -> Any:
    def one(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            value.__dict__["_there"] = True
        return value

    return tree_map(one, made)


@contextlib.contextmanager
def pretended(kind: str) -> Iterator[None]:
    """Let all find an accelerator of a kind: `cuda` or `mps`."""
    with pytest.MonkeyPatch.context() as patch:
        module = torch.cuda if kind == "cuda" else torch.backends.mps
        patch.setattr(module, "is_available", lambda: True)
        patch.setattr(torch.cuda, "device_count", lambda: int(kind == "cuda"))
        patch.setattr(torch.cuda, "get_device_name", lambda *_: "pretended")
        own = torch.autocast
        patch.setattr(torch, "autocast", lambda device_type, dtype=None, enabled=True: own("cpu", dtype, enabled))
        with Pretended(kind):
            yield
