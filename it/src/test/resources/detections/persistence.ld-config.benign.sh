#!/bin/bash
# Only has the linker's cache made again, as every "make install" of a library does.
# needs: root
ldconfig
