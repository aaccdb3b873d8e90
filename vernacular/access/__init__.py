"""Who may do what: principals, API keys, accounts, tokens of an identity provider."""
