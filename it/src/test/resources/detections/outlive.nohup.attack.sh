#!/bin/bash
# Starts a program with nohup.
nohup sleep 1 >/dev/null 2>&1 &
wait
