"""Photos: expected from a report's manifest, received in resumable pieces, verified, and made showable."""
