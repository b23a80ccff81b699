"""The forms a change can take, and the exact request that makes each of them, safe to repeat."""
