"""Bytes to pixels, and pixels to the bytes that people see."""
