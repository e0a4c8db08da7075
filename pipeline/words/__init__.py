"""From a model's frames to one vector a word, and to matrices of words."""
