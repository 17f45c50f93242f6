package dev.mayfly.event;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One observed fact. Text that comes from a sandbox is decoded as UTF-8; a byte that is none of it
 * becomes {@code \xNN}.
 */
public sealed interface Event {

  Stamp stamp();

  /**
   * A process began.
   *
   * @param child the new process; {@link #stamp} is of who made it
   * @param entered whether it came from outside: {@link #stamp} is not of the sandbox then
   * @param pidLevel how deep its pid name space is nested
   * @param newUserNamespace whether it has another one than its parent
   * @param newPidNamespace whether it has another one than its parent
   */
  record Forked(
      Stamp stamp,
      ProcessKey child,
      boolean entered,
      int pidLevel,
      boolean newUserNamespace,
      boolean newPidNamespace)
      implements Event {}

  /**
   * A process became another program.
   *
   * @param file what runs; of a script, its interpreter
   * @param path of that file in the mount tree, not as it was called
   * @param directory the process's current one, in the mount tree
   * @param called as execve(2) was given it; of a script, the script
   * @param arguments with the program's own name first
   * @param capabilities effective ones, a bit each
   * @param flaws what could not be told whole
   */
  record Executed(
      Stamp stamp,
      FileIdentity file,
      String path,
      String directory,
      String called,
      List<String> arguments,
      long capabilities,
      Set<Flaw> flaws)
      implements Event {
    public Executed {
      arguments = List.copyOf(arguments);
      flaws = Set.copyOf(flaws);
    }

    /** What of an execution could not be told whole. */
    public enum Flaw {
      /** The arguments are longer than what is told of them. */
      ARGUMENTS_CUT,
      /** The arguments could not be read. */
      ARGUMENTS_UNREADABLE,
      /** A path is longer than what is told of it. */
      PATH_CUT
    }
  }

  /**
   * A process ended.
   *
   * @param status as wait(2) gives it
   * @param user CPU time
   * @param system CPU time
   * @param maxRss bytes
   * @param leavesChildren whether it had some, who get another parent now
   */
  record Exited(
      Stamp stamp, int status, Duration user, Duration system, long maxRss, boolean leavesChildren)
      implements Event {
    /** The signal that ended it, or 0. */
    public int signal() {
      return status & 0x7f;
    }

    /** What it gave to exit(2), where no signal ended it. */
    public int code() {
      return status >> 8 & 0xff;
    }
  }

  /**
   * A signal was sent to a process that is not of the sandbox.
   *
   * @param target pid as the host numbers it
   * @param delivered whether the kernel took it
   */
  record Signalled(Stamp stamp, int signal, int target, int targetUid, boolean delivered)
      implements Event {}

  /**
   * A task of the sandbox was moved out of the sandbox's cgroup. It stays the sandbox's.
   *
   * @param moved thread id as the host numbers it
   * @param cgroup inode of where it went
   */
  record Moved(Stamp stamp, int moved, long cgroup) implements Event {}

  /**
   * A socket of the Internet was made or used.
   *
   * @param family AF_INET or AF_INET6 as the kernel numbers them
   * @param type SOCK_STREAM and the like
   * @param protocol IPPROTO_TCP and the like
   * @param address empty of a socket that was made
   * @param port 0 where there is none
   */
  record Socket(
      Stamp stamp,
      Use use,
      int family,
      int type,
      int protocol,
      Optional<InetAddress> address,
      int port)
      implements Event {
    /** What was done. */
    public enum Use {
      CREATE,
      CONNECT,
      SEND,
      BIND;

      public String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    /** The word for its protocol, such as {@code tcp}. */
    public String transport() {
      return switch (type) {
        case 1 -> "tcp";
        case 2 -> protocol == 1 || protocol == 58 ? "icmp" : "udp";
        case 3 -> "raw";
        default -> "type-" + type;
      };
    }
  }

  /**
   * A connection to a Unix socket whose listener is not of the sandbox.
   *
   * @param name it is bound to; an abstract one begins with {@code @}
   * @param peer pid of who listens, as the host numbers it; 0: unknown
   */
  record UnixConnected(Stamp stamp, FileIdentity file, String name, int peer, int peerUid)
      implements Event {}

  /**
   * A system call that is worth telling returned.
   *
   * @param call its name, such as {@code ptrace}; {@code #N} of one that has none here
   * @param abi by which it was called
   * @param result what it returned; a negative errno where it failed
   * @param arguments six, as they were in the registers
   */
  record Called(Stamp stamp, String call, Abi abi, long result, List<Long> arguments)
      implements Event {
    public Called {
      arguments = List.copyOf(arguments);
    }

    /** How a call came into the kernel. */
    public enum Abi {
      NATIVE,
      COMPAT,
      X32
    }
  }

  /**
   * A file was opened that is worth telling.
   *
   * @param path in the mount tree, not as it was called; of hard links the one that is watched
   * @param access what it was opened for
   * @param created whether it may have been made by this call (O_CREAT)
   * @param truncated whether its content was thrown away (O_TRUNC)
   * @param owner of a file in /proc/PID, pid of whose it is as the host numbers it; else 0
   */
  record Opened(
      Stamp stamp,
      FileIdentity file,
      String path,
      Access access,
      boolean created,
      boolean truncated,
      int owner)
      implements Event {
    /** What a file is opened for. */
    public enum Access {
      READ,
      WRITE,
      READ_WRITE
    }

    /** Whether its content can be changed through it, or was by opening it. */
    public boolean writes() {
      return access != Access.READ || truncated;
    }
  }

  /**
   * A name in a directory, or what belongs to a file but its content, was changed.
   *
   * @param path that is there now; of what was removed, that was
   * @param from the former path of what was renamed; of a link, the path that it leads to, where it
   *     is known
   */
  record Changed(Stamp stamp, Change change, FileIdentity file, String path, Optional<String> from)
      implements Event {
    /** What was changed. */
    public enum Change {
      CREATE,
      RENAME,
      LINK,
      SYMLINK,
      UNLINK,
      CHMOD,
      CHOWN,
      MOUNT;

      public String word() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  /**
   * A name was asked of the sandbox's resolver, which does not know the process: {@link #stamp} has
   * 0 for it.
   *
   * @param type of the record, such as {@code TXT}
   */
  record Asked(Stamp stamp, String name, String type, boolean refused) implements Event {}
}
