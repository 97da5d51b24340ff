"""The only truth: sessions and transactions, append-only events, deferred tasks, files."""
