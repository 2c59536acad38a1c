"""How things connect: the multimodal graph, its parameters and routing."""
