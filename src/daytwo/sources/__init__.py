"""Where facts come from: readers only. Each source answers with what it saw and with a `Gap` for what it could not."""
