"""The storage region of a live number: a guided run, never a bare dropdown."""
