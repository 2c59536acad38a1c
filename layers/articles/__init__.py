"""Articles in, evidence out: who says what about which place and which line, at which position of which text."""
