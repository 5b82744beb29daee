"""The models: which there are, and where; what networks that others made take and give."""

from __future__ import annotations

from splpaint.inference.models.added import added_models, added_models_folder, remove_added, require_name
from splpaint.inference.models.catalogue import ModelFiles, find_folder, find_model, how_to_get
from splpaint.inference.models.contracts import (
    OURS,
    Contract,
    ValueRange,
    bounds_of,
    parse_contract,
    read_contract,
)
from splpaint.inference.models.known import KNOWN, KnownModel, known_by_sha256
from splpaint.model_folder import BUNDLED

__all__ = [
    "BUNDLED",
    "KNOWN",
    "OURS",
    "Contract",
    "KnownModel",
    "ModelFiles",
    "ValueRange",
    "added_models",
    "added_models_folder",
    "bounds_of",
    "find_folder",
    "find_model",
    "how_to_get",
    "known_by_sha256",
    "parse_contract",
    "read_contract",
    "remove_added",
    "require_name",
]
