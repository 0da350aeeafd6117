"""Auto-renewal: its settings, its monthly figures, and the top-ups that it starts."""
