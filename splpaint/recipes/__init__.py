"""Training recipes: short TOML files that hold what differs from the defaults."""
