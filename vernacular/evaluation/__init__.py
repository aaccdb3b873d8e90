"""Whether the product understands people in their own words: measured on a tenant's questions, and on those of a pack."""
