package dev.mayfly.bpf;

/** Where src/bpf/events.h has what. A test holds the two equal. */
final class EventLayout {
  static final int SLOTS = 256;
  static final int NAME_SIZE = 256;
  static final int CHAIN_SIZE = 768;
  static final int CHAIN_USED = 512;
  static final int ARGV_MAX = 32 << 10;
  static final int PLACE_NAME = 48;
  static final int PARENT_NAME = 32;

  static final int ENTER = 1;
  static final int FORK = 2;
  static final int EXEC = 3;
  static final int EXIT = 4;
  static final int SIGNAL = 5;
  static final int MOVED = 6;
  static final int CONNECT = 16;
  static final int SEND = 17;
  static final int BIND = 18;
  static final int SOCKET = 19;
  static final int SYSCALL = 32;
  static final int OPEN = 33;
  static final int UNIX = 34;
  static final int CHANGE = 35;

  static final int FLAG_REFUSED = 1;
  static final int FLAG_KILLED = 2;
  static final int FLAG_CUT = 4;
  static final int FLAG_UNREADABLE = 8;
  static final int FLAG_CHAIN_CUT = 16;
  static final int FLAG_LEAVES_CHILDREN = 32;
  static final int FLAG_NEW_USER_NS = 64;
  static final int FLAG_NEW_PID_NS = 128;
  static final int FLAG_SECRET = 256;
  static final int FLAG_START = 512;

  static final int DROP_BUDGET = 0;
  static final int DROP_RING = 1;
  static final int DROP_MARK = 2;
  static final int DROP_STALE = 3;
  static final int DROPS = 4;

  static final int SLOT_REFUSE_RAW = 1;
  static final int SLOT_KILL_MEMORY = 2;
  static final int SLOT_OPENS_BY_LSM = 4;
  static final int SLOT_REFUSE_KERNEL = 8;
  static final int SLOT_STARTING = 16;
  static final int SLOT_REFUSE_SECRETS = 32;
  static final int SLOT_REFUSE_STARTS = 64;
  static final int SLOT_KILL_SECRETS = 128;
  static final int SLOT_KILL_STARTS = 256;

  static final int PLACE_READ = 1;
  static final int PLACE_WRITE = 2;
  static final int PLACE_DIRECTORY = 16;
  static final int PLACE_SECRET = 32;
  static final int PLACE_START = 64;

  static final int HIERARCHY_V2 = 1;
  static final int HIERARCHY_PIDS = 2;

  static final int SLOT_GENERATION = 0;
  static final int SLOT_FLAGS = 4;
  static final int SLOT_LIMIT = 8;
  static final int SLOT_CONSUMED = 16;
  static final int SLOT_SEQ = 64;
  static final int SLOT_DROPPED = 80;
  static final int SLOT_WRITTEN_CODE = 112;
  static final int SLOT_SIZE = 128;

  static final int CGROUP_KEY_SIZE = 16;
  static final int CGROUP_KEY_INODE = 8;

  static final int EVENT_TYPE = 0;
  static final int EVENT_FLAGS = 2;
  static final int EVENT_BYTES = 4;
  static final int EVENT_SANDBOX = 8;
  static final int EVENT_SEQ = 16;
  static final int EVENT_TIME = 24;
  static final int EVENT_TGID = 32;
  static final int EVENT_TID = 36;
  static final int EVENT_START = 40;
  static final int EVENT_PPID = 48;
  static final int EVENT_UID = 52;
  static final int EVENT_GID = 56;
  static final int EVENT_SID = 60;
  static final int EVENT_COMM = 64;
  static final int EVENT_SIZE = 80;
  static final int COMM_SIZE = 16;

  static final int FILE_ID_LINKS = 4;
  static final int FILE_ID_INODE = 8;
  static final int FILE_ID_PARENT = 16;
  static final int FILE_ID_MAGIC = 24;

  static final int FORK_TGID = 80;
  static final int FORK_PID_LEVEL = FORK_TGID + 4;
  static final int FORK_START = 88;
  static final int FORK_SIZE = 96;

  static final int EXEC_EXE = 80;
  static final int EXEC_CAPS = 112;
  static final int EXEC_ARGV_SIZE = 120;
  static final int EXEC_ARGV_WHOLE = 124;
  static final int EXEC_ARGC = 128;
  static final int EXEC_EXE_SIZE = 132;
  static final int EXEC_CWD_SIZE = 134;
  static final int EXEC_NAME = 136;
  static final int EXEC_EXE_CHAIN = 392;
  static final int EXEC_CWD_CHAIN = 1160;
  static final int EXEC_ARGV = 1928;

  static final int EXIT_STATUS = 80;
  static final int EXIT_USER = 88;
  static final int EXIT_SYSTEM = EXIT_USER + 8;
  static final int EXIT_MAX_RSS = 104;
  static final int EXIT_SIZE = 112;

  static final int SIGNAL_SIGNAL = 80;
  static final int SIGNAL_RESULT = SIGNAL_SIGNAL + 4;
  static final int SIGNAL_TGID = 88;
  static final int SIGNAL_UID = SIGNAL_TGID + 4;
  static final int SIGNAL_SIZE = 96;

  static final int MOVED_TID = 80;
  static final int MOVED_CGROUP = 88;
  static final int MOVED_SIZE = 96;

  static final int SOCKET_FAMILY = 80;
  static final int SOCKET_PORT = 82;
  static final int SOCKET_KIND = 84;
  static final int SOCKET_PROTOCOL = SOCKET_KIND + 2;
  static final int SOCKET_ADDRESS = 88;
  static final int SOCKET_SIZE = 104;

  static final int SYSCALL_NUMBER = 80;
  static final int SYSCALL_ABI = SYSCALL_NUMBER + 4;
  static final int SYSCALL_RESULT = 88;
  static final int SYSCALL_ARGS = 96;
  static final int SYSCALL_SIZE = 144;

  static final int OPEN_FILE = 80;
  static final int OPEN_FD = 112;
  static final int OPEN_FLAGS = OPEN_FD + 4;
  static final int OPEN_PLACE = 120;
  static final int OPEN_TARGET = OPEN_PLACE + 4;
  static final int OPEN_PATH_SIZE = 128;
  static final int OPEN_PATH_CHAIN = 136;
  static final int OPEN_SIZE = 904;

  static final int CHANGE_FILE = 80;
  static final int CHANGE_CHANGE = 112;
  static final int CHANGE_PATH_SIZE = 116;
  static final int CHANGE_FROM_SIZE = CHANGE_PATH_SIZE + 2;
  static final int CHANGE_PATH_CHAIN = 120;
  static final int CHANGE_FROM_CHAIN = 888;
  static final int CHANGE_SIZE = 1656;

  static final int UNIX_FILE = 80;
  static final int UNIX_PEER = 112;
  static final int UNIX_PEER_UID = UNIX_PEER + 4;
  static final int UNIX_NAME_SIZE = 120;
  static final int UNIX_NAME = 124;
  static final int UNIX_NAME_MOST = 108;
  static final int UNIX_SIZE = 232;

  private EventLayout() {}
}
