#!/bin/bash
# Asks with another option.
apt-get -o Acquire::Retries=3 --version >/dev/null
