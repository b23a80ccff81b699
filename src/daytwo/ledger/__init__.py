"""What we remember: events, append-only and chained, and work rows beside them, in one database that nothing else opens."""
