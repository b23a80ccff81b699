"""Joins findings into problems with one cause each, and says how bad, how soon, what changed and what to do next."""
