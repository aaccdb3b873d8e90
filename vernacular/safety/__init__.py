"""Safety policies of tenants: `policy.policy_of`, `prompts.check_prompt`, `answers.AnswerFilter`, `verdict.Verdict`."""
