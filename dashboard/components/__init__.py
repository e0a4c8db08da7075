"""The dashboard components of our own: Python wrappers around one ES module each."""
