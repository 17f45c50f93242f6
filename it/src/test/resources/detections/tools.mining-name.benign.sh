#!/bin/bash
# Asks for a name like it.
# needs: resolver
getent hosts pool.canary.invalid || true
