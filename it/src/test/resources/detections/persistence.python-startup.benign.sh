#!/bin/bash
# Lets Python make an environment, with its own site-packages.
python3 -m venv --without-pip environment
