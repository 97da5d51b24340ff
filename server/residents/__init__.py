"""The public's door: a report without an account, and a page to follow it."""
