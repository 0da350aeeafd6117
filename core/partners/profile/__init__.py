"""What a partner's clients see of it: name, logo, colour, and what they may do by themselves."""
