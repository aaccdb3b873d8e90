"""Model profiles: what is known of each model that can be served, as data."""
