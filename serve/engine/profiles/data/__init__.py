"""The profiles that come with Vernacular, a TOML file each; see docs/models.md for the fields."""
