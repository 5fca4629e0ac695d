"""The plan: what will be done, everything resolved, in numbers. Standard library only."""
