#!/bin/bash
# Gives it the address of a server.
cp /bin/true ./worker
./worker -o tcp://server.invalid:3333
