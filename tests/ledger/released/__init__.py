"""How the database looked after each released revision, with two events in it. Written once by `python -m tests.ledger.released.write`."""
