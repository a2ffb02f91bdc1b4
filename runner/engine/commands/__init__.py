"""Commands: what is asked for beside a run."""
