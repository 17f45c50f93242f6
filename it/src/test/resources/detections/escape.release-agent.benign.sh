#!/bin/bash
# Writes a release of something else.
echo agent >release_notes
