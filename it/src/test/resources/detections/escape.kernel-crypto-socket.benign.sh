#!/bin/bash
# Makes an ordinary one.
python3 -c 'import socket; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)'
