package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;

/** The terminal that this process was started in (termios(3), ioctl_tty(2)). */
public final class Terminal {
  private static final long TIOCGWINSZ = 0x5413;
  private static final int STDIN = 0;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;
  private static final int TCSADRAIN = 1;

  /** At least what any Linux C library's struct termios has. */
  private static final int TERMIOS_SIZE = 128;

  private Terminal() {}

  /** Of a terminal, in characters. */
  public record Size(int rows, int columns) {}

  /** Whether standard input and output both are a terminal. */
  public static boolean present() {
    return LibC.isatty(STDIN) == 1 && LibC.isatty(STDOUT) == 1;
  }

  /** Whether standard error is a terminal. */
  public static boolean showsErrors() {
    return LibC.isatty(STDERR) == 1;
  }

  public static Size size() throws SyscallException {
    try (Memory size = new Memory(8)) {
      LibC.ioctl(STDIN, TIOCGWINSZ, size);
      return new Size(size.getShort(0) & 0xffff, size.getShort(2) & 0xffff);
    } catch (LastErrorException e) {
      throw new SyscallException("ioctl TIOCGWINSZ", "standard input", e.getErrorCode());
    }
  }

  /** A terminal that passes every key on as it is, until it is closed. */
  public interface Raw extends AutoCloseable {
    @Override
    void close() throws SyscallException;
  }

  public static Raw raw() throws SyscallException {
    Memory before = new Memory(TERMIOS_SIZE);
    try (Memory raw = new Memory(TERMIOS_SIZE)) {
      LibC.tcgetattr(STDIN, before);
      LibC.tcgetattr(STDIN, raw);
      LibC.cfmakeraw(raw);
      LibC.tcsetattr(STDIN, TCSADRAIN, raw);
    } catch (LastErrorException e) {
      before.close();
      throw new SyscallException("tcsetattr", "standard input", e.getErrorCode());
    }
    return () -> {
      try (before) {
        LibC.tcsetattr(STDIN, TCSADRAIN, before);
      } catch (LastErrorException e) {
        throw new SyscallException("tcsetattr", "standard input", e.getErrorCode());
      }
    };
  }
}
