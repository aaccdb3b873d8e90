"""Attacks on a tenant's assistant: suites of the project's own and public sets, judged mechanically, in a signed report."""
