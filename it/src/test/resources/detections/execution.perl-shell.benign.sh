#!/bin/bash
# Loads the module that knows of sockets.
perl -e 'use Socket; print INADDR_LOOPBACK ne "" ? "" : "none"'
