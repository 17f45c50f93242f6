#!/bin/bash
# Lists the libraries of true.
ldd /bin/true >/dev/null
