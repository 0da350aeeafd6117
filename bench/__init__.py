"""Measurements of the hub beside floors and peers, all in one run on this machine.

`python -m bench` prints one table; `python -m bench NAME` runs one of them. What is judged is the
ratio in the run, never milliseconds: see docs/benchmarks.md.
"""
