"""What is known: catalogue, claims and sources, and the layers made from them."""
