#!/bin/bash
# Puts one into a project's .env, as many do.
mkdir -p project
echo 'CANARY=1' >>project/.env
