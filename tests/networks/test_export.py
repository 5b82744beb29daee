"""How closely an exported network must agree: as closely as its own rounding allows, and not less."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from splpaint.errors import ModelError
from splpaint.networks.export import _require_parity


class Shifted(nn.Module):
    """Gives the picture back, with the digits lost that ``image + shift`` has no room for."""

    def __init__(self, shift: float) -> None:
        super().__init__()
        self.shift = shift

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        return (image + self.shift) - self.shift


def exported(error: float) -> onnx.ModelProto:
    """The same without a shift, and so without its rounding, but wrong by ``error``."""
    ports = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, "H", "W"])
        for name, channels in (("image", 3), ("hole", 1), ("painted", 3))
    ]
    constant = numpy_helper.from_array(np.array(error, np.float32), "error")
    nodes = [helper.make_node("Add", ["image", "error"], ["painted"])]
    graph = helper.make_graph(nodes, "shifted", ports[:2], ports[2:], [constant])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize(("shift", "error"), [(0, 0), (0, 5e-5), (4096, 0), (4096, 1e-3)])
def test_a_difference_within_rounding_passes(shift: float, error: float) -> None:
    worst = _require_parity(Shifted(shift), exported(error), 32)
    assert worst <= error + (3e-4 if shift else 1e-6)  # half a step at 4096 is 2.4e-4


@pytest.mark.parametrize(("shift", "error"), [(0, 2e-4), (4096, 4e-3)])
def test_a_difference_beyond_rounding_is_refused(shift: float, error: float) -> None:
    with pytest.raises(ModelError, match="ONNX must agree with torch within"):
        _require_parity(Shifted(shift), exported(error), 32)
