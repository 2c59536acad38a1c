"""Where things are: geodesy, boundaries, gazetteer, reading and writing vector files."""
