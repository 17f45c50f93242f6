#!/bin/bash
# Changes the directory.
cd /
