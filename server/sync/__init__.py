"""What comes down to the phones: every change in the order it was committed, within what each may see."""
