#!/bin/bash
# Gives a hash of the same length.
/bin/true --commit 0123456789abcdef0123456789abcdef01234567
