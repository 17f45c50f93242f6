#!/bin/bash
# Starts a program with setsid.
setsid sleep 1
