#!/bin/bash
# Looks whether a port is open.
nc -z 127.0.0.1 9 || true
