"""The same network, written for those who only run it.

A network that trains is written to be read. A rewrite gives a layer another form that computes the same in exact
arithmetic and takes fewer operations, or moves less memory, where a runtime executes it as it is told. Each has its
file, with the algebra; ``docs/speed.md`` says what each is worth.
"""

from __future__ import annotations

from splpaint.networks.rewrites.rewriting import rewritten

__all__ = ["rewritten"]
