"""Templates: what fills a text in: a sandbox, its bounds, what it reads, why it failed."""
