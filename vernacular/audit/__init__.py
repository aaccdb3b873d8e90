"""The tenants' audit logs: tamper-evident, and erasable by person."""
