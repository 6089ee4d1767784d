#!/usr/bin/env python3
"""Runs a command several times and prints the median of its CPU seconds (user and system, all threads), the median
of its wall seconds and the largest peak of its memory in MB.  usage: measure.py RUNS COMMAND …"""
import os, sys, time

runs, command = int(sys.argv[1]), sys.argv[2:]
cpu, wall, memory = [], [], []
for _ in range(runs):
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1); os.dup2(null, 2)
        try: os.execvp(command[0], command)
        finally: os._exit(127)
    _, status, usage = os.wait4(child, 0)
    if status: sys.exit(f"failed with status {status}: {' '.join(command)}")
    cpu.append(usage.ru_utime + usage.ru_stime); wall.append(time.perf_counter() - start); memory.append(usage.ru_maxrss / 1024)
print(f"{sorted(cpu)[runs // 2]:.3f} {sorted(wall)[runs // 2]:.3f} {max(memory):.0f}")
