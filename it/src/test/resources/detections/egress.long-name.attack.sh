#!/bin/bash
# Asks for a name with a part of 55 letters.
# needs: resolver
getent hosts 0123456789abcdef0123456789abcdef0123456789abcdef0123456.canary.invalid || true
