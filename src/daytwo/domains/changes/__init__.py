"""What a change would meet: who would revert it, what it shows in a rehearsal, and whether policy lets it through."""
