"""The ``splpaint`` command, one file per subcommand."""
