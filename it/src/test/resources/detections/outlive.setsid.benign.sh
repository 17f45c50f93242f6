#!/bin/bash
# Starts one in the background as it is.
sleep 1 &
wait
