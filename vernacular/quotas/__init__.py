"""What a tenant, its principals and its visitors may use, and what they have used: limits, holdings, usage by day."""
