"""The offline service: what each endpoint would answer, dry and deterministic."""
