"""What pods may do to their node and to each other: the Pod Security Standards, and what goes beyond them."""
