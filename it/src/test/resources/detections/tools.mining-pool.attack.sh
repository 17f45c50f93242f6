#!/bin/bash
# Gives a copy of true the address of a pool that is none.
cp /bin/true ./worker
./worker -o stratum+tcp://pool.invalid:3333 -u CANARY
