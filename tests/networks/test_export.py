"""How closely an exported network must agree: as closely as its own rounding allows, and not less."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from splpaint.cpu import lacks_avx
from splpaint.errors import ModelError
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.networks.checkpoints import load_model
from splpaint.networks.export import _require_parity
from tests.conftest import ExportedModel


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


@pytest.mark.slow
@pytest.mark.numeric
@pytest.mark.skipif(lacks_avx(), reason="OpenVINO needs AVX")
def test_onnx_agrees_with_torch_at_any_size(small_model: ExportedModel) -> None:
    assert small_model.difference < 1e-5  # measured 1.8e-7
    generator, _ = load_model(small_model.folder)
    engine = OpenVINOEngine(small_model.folder / "model.onnx", precision="fp32")
    for batch, height, width in ((1, 64, 64), (2, 192, 128)):
        image = torch.rand(batch, 3, height, width)
        hole = (torch.rand(batch, 1, height, width) < 0.3).float()
        with torch.inference_mode():
            wanted = generator(image, hole).painted.clamp(0, 1).numpy()
        np.testing.assert_allclose(engine(image.numpy(), hole.numpy()), wanted, atol=1e-4)
