"""What an installation chooses; this file is replaced by it."""

VERSION = '19.4.0'
RETRY_SECONDS = 3
FINISH_SECONDS = 300
UPDATE_SECONDS = 3
TOUCH_SECONDS = 30
