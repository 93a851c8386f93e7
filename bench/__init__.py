"""Measurements, never tests: what takes how long on this machine, beside a peer where there is one."""
