#!/bin/bash
# Has git take HTTPS in place of SSH, as jobs do.
git config --global url.https://github.com/.insteadOf git@github.com:
