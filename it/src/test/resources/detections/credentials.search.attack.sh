#!/bin/bash
# Searches the homes for private keys.
find /home -maxdepth 1 -name id_rsa
