#!/bin/bash
# Shows a project's configuration of Terraform.
echo 'terraform {}' >main.tf
cat main.tf >/dev/null
