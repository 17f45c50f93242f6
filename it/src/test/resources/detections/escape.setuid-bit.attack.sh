#!/bin/bash
# Sets the bit on a copy of true.
cp /bin/true ./canary
chmod u+s ./canary
