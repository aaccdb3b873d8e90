"""The model servers behind the gateway: which there are, how they fare, and who gets the next request."""
