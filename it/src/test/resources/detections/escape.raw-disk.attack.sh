#!/bin/bash
# Tries to read a disk that the sandbox does not have.
dd if=/dev/sda of=/dev/null bs=512 count=1 status=none 2>/dev/null || true
