"""The only modules that change anything outside: only the door, `engine/act.py`, uses them."""
