#!/bin/bash
# Only asks for an account.
getent passwd root
