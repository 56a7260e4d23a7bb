"""Rules and arithmetic: no I/O, no clock, no global random state, no Django."""
