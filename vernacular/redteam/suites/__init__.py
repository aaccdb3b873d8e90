"""The suites' texts, as JSON: one file a suite."""
