"""What we can do to the world: an action is one file with plan, verify and undo, all pure. Nothing here sends anything."""
