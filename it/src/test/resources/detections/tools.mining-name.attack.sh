#!/bin/bash
# Asks for the name of a pool.
# needs: resolver
getent hosts xmrpool.eu || true
