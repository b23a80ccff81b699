"""Checks of rights, accounts and their tokens."""
