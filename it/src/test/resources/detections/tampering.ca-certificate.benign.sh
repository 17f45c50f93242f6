#!/bin/bash
# Puts one into the workspace, for the program that is told so.
echo canary >canary.crt
