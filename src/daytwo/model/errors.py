"""What is the reader's to mend."""


class UsageError(Exception):
    """A person's mistake. The message says what is wrong, where (file:line:column when there is one), and what to write instead."""
