#!/bin/bash
# Has the words of a reverse shell on Python's command line, and ends before any of them counts.
python3 -c 'raise SystemExit; import socket,os,pty; s=socket.socket(); s.connect(("127.0.0.1",9)); os.dup2(s.fileno(),0); pty.spawn("sh")'
