"""What tenants, principals and visitors may use, what they have used, and whose turn it is."""
