"""A folder for each pack that this plugin gives."""
