"""Who is asked when it breaks: the owner, the one on call, and what they are told to do."""
