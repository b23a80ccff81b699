"""Who may do what: rights given too widely, or to nobody, and the answer to who can."""
