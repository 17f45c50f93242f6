#!/bin/bash
# Starts one as it is.
true
