#!/bin/bash
# Tries to read memory that the sandbox does not have.
dd if=/dev/mem of=/dev/null bs=1 count=1 status=none 2>/dev/null || true
