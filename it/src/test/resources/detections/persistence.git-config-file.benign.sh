#!/bin/bash
# Lets git write it.
git config --global canary.harmless true
