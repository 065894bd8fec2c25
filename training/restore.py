"""The weights of an encoder that was exported in eight bits, as near as they can be had back: where a further fit begins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import GraphProto, NodeProto, numpy_helper
from torch import nn


def restore(encoder: nn.Module, path: Path) -> None:
    """Puts the learnt weights of model.onnx into the encoder that it was exported from. Raises ValueError where one is missing."""
    found = {name.removeprefix("encoder."): torch.tensor(weights) for name, weights in _weights(onnx.load(str(path)).graph)}
    learnt = {name for name, weights in encoder.named_parameters() if weights.requires_grad and ".pooler." not in name}
    if missing := sorted(learnt - found.keys()):
        raise ValueError(f"{path} has no weights for {missing[0]}: it was exported from another encoder.")
    encoder.load_state_dict({name: found[name] for name in learnt}, strict=False)


def _weights(graph: GraphProto) -> Iterator[tuple[str, np.ndarray]]:
    """Each learnt weight by its name in the encoder: those that keep it, then the matrices, known by the bias added to what they make."""
    held = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    yield from ((name, values) for name, values in held.items() if values.dtype == np.float32 and name.endswith((".weight", ".bias")))
    makers = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        biases = [name for name in node.input if name.endswith(".bias") and name in held]
        if node.op_type == "Add" and biases:
            made = next(name for name in node.input if name not in biases)
            yield biases[0].removesuffix(".bias") + ".weight", _matrix(held, _multiplied(makers, made))


def _multiplied(makers: dict[str, NodeProto], made: str) -> str:
    """The name of the eight-bit matrix that something is the product of."""
    while (maker := makers[made]).op_type != "MatMulInteger":
        made = maker.input[0]
    return str(maker.input[1])


def _matrix(held: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Eight-bit steps times their scale for each column, turned as PyTorch keeps a matrix."""
    stem = name.removesuffix("_quantized")
    steps = held[name].astype(np.float32) - held[f"{stem}_zero_point"].astype(np.float32)
    return np.ascontiguousarray((steps * held[f"{stem}_scale"]).T)
