#!/bin/bash
# Asks for the version with an option that would run a command before updates.
apt-get -o APT::Update::Pre-Invoke::=true --version >/dev/null
