"""Where everything in the test world is. All of it exists in name spaces of this machine only."""

WORLD, JOB = "mfyt-world", "mfyt-job"

# Ends of the two links. None begins as the links of sandboxes do, which Mayfly's rules go by.
HOST_LINK, WORLD_LINK = "tw-host", "tw-world"
JOB_LINK, JOB_WORLD_LINK = "tj-job", "tj-world"
HOST4, WORLD4 = "198.51.100.1", "198.51.100.2"
HOST6, WORLD6 = "2001:db8:ffff::1", "2001:db8:ffff::2"
JOB_WORLD4, JOB4 = "198.51.100.5", "198.51.100.6"
JOB_WORLD6, JOB6 = "2001:db8:fffe::1", "2001:db8:fffe::2"
JOB_WORLD_LINK_LOCAL = "fe80::1"

# "Public" hosts have the same last part in both families. Each answers on every port that the world serves.
PUBLIC = {
    "allowed": 10, "short": 11, "direct": 12, "long": 13, "cdn": 20, "other": 21, "redirect": 30,
    "dns": 53, "dns2": 54, "attacker": 66, "doh": 80,
}
PUBLIC4 = {name: f"203.0.113.{number}" for name, number in PUBLIC.items()}
PUBLIC6 = {name: f"2001:db8:1::{number}" for name, number in PUBLIC.items()}

# Routed to the world, where nobody has it and nothing answers.
SILENT4, SILENT6 = "203.0.113.99", "2001:db8:1::99"

# Nobody listens here: for servers that a measurement brings.
LOAD4 = "203.0.113.40"

METADATA4, METADATA6 = "169.254.169.254", "fd00:ec2::254"
PRIVATE4, PRIVATE6 = "10.77.0.5", "fd00:77::5"

# IPv6 that stands for the IPv4 address of "direct": 6to4, Teredo, NAT64.
SIX_TO_FOUR, TEREDO, NAT64 = "2002:cb00:710c::1", "2001:0:cb00:710c::1", "64:ff9b::cb00:710c"

ADDRESSES = [*PUBLIC4.values(), *PUBLIC6.values(), METADATA4, METADATA6, PRIVATE4, PRIVATE6, SIX_TO_FOUR, TEREDO, NAT64]

# What is routed into the world ...
ROUTED = [
    "203.0.113.0/24", "2001:db8:1::/48", METADATA4 + "/32", METADATA6 + "/128", "10.77.0.0/24", "fd00:77::/64",
    SIX_TO_FOUR + "/128", TEREDO + "/128", NAT64 + "/128",
]

# ... and what is unreachable beneath that, so that no packet for it takes the default route, not even once the world
# is gone: the same, and the rest of ranges in which an attempt may find an address.
UNREACHABLE = [*ROUTED, "169.254.0.0/16", "2002::/16", "2001::/32", "64:ff9b::/96", "::ffff:0:0/96"]
LAST_METRIC = "4000000"

# Whom the world answers: the host, sandboxes and containers of its engines. Nobody else.
ANSWERED4, ANSWERED6 = ["198.18.0.0/15"], ["fd6d:6179:666c::/48"]

# Addresses that are asserted before the first packet, beside those that the world has.
ALSO_ASSERTED = [
    SILENT4, SILENT6, "10.77.0.9", "169.254.1.1", "2002:cb00:7142::1", "2001:0:1::1", "64:ff9b::a9fe:a9fe",
]

TLS, HTTP, SSH, DATABASE, PROXY, ECHO, SINK, DOT, DNS = 443, 80, 22, 5432, 3128, 8443, 4444, 853, 53
FENCE = 7
