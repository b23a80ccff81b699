"""What must be there together: checks, specimens, pages, names; code and its reference."""
