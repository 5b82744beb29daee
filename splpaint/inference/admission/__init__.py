"""Admission of models that other people made: what a file holds, whether it keeps its contract, where it is kept.

Painting with an admitted model needs none of this; admission needs the extra ``models``, downloading does not.
"""

from __future__ import annotations

from splpaint.inference.admission.adding import Added, add_model, contract_named
from splpaint.inference.admission.checking import examine, proof_in_words
from splpaint.inference.admission.getting import download_model, get_model
from splpaint.inference.admission.runtime import onnx_runtime

__all__ = [
    "Added",
    "add_model",
    "contract_named",
    "download_model",
    "examine",
    "get_model",
    "onnx_runtime",
    "proof_in_words",
]
