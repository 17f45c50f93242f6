#!/bin/bash
# Looks for a free port, as test suites do.
python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >/dev/null
