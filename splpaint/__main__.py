"""``python -m splpaint`` is the ``splpaint`` command."""

from splpaint.cli.app import main

main()
