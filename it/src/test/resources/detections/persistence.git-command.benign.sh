#!/bin/bash
# Makes one that is another git command.
git config --global alias.canary status
