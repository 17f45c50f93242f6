#!/bin/bash
# Writes a file of this name into the workspace, such as one of a project of dotfiles.
mkdir -p dotfiles
echo ': canary' >>dotfiles/.bashrc
