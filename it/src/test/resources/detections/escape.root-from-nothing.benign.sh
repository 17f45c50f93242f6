#!/bin/bash
# Starts a program as another user.
# needs: root
python3 -c 'import os; os.setresuid(1001, 1001, 1001); os.execvp("true", ["true"])'
