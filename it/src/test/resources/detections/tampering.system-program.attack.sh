#!/bin/bash
# Replaces "top", which nothing here runs, by itself.
# needs: root
cp /usr/bin/top top
cp top /usr/bin/top
