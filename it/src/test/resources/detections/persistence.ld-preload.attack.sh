#!/bin/bash
# Writes an ld.so.preload that names nothing.
# needs: root
: >/etc/ld.so.preload
