#!/bin/bash
# Asks for the name of a pool.
# needs: resolver
getent hosts pool.supportxmr.com || true
