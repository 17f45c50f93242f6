#!/bin/bash
# Writes a message into the workspace.
echo welcome >motd
