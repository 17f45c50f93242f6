#!/bin/bash
# Starts a program in a session of its own, and waits for it.
python3 -c 'import subprocess; subprocess.run(["sleep", "0.3"], start_new_session=True)'
