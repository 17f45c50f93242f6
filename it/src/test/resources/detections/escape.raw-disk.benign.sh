#!/bin/bash
# Reads zeros.
dd if=/dev/zero of=/dev/null bs=512 count=1 status=none
