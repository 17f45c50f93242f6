package dev.mayfly.cli;

import dev.mayfly.linux.SyscallException;
import dev.mayfly.linux.Terminal;
import dev.mayfly.supervisor.Steering;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * Passes this process's signals on to a job, until it is closed. The JDK has no other way to see a
 * signal than {@code sun.misc.Signal}, which the module jdk.unsupported keeps; it is reached by
 * reflection because the compiler's warning about it can't be told apart from others.
 */
final class Signals implements AutoCloseable {
  private static final List<String> FORWARDED = List.of("INT", "TERM", "HUP");
  private static final String RESIZED = "WINCH";

  private final List<Handled> handled = new ArrayList<>();

  private Signals() {}

  private record Handled(Object signal, Object handlerBefore) {}

  static Signals forwardTo(Steering job) {
    Signals signals = new Signals();
    for (String name : FORWARDED) {
      signals.handle(name, job::signal);
    }
    if (Terminal.present()) {
      signals.handle(RESIZED, _ -> resize(job));
    }
    return signals;
  }

  private void handle(String name, IntConsumer handler) {
    try {
      Class<?> signalClass = Class.forName("sun.misc.Signal");
      Class<?> handlerClass = Class.forName("sun.misc.SignalHandler");
      Method number = signalClass.getMethod("getNumber");
      Object signal = signalClass.getConstructor(String.class).newInstance(name);
      Object proxy =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handlerClass},
              (_, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handler.accept((int) number.invoke(arguments[0]));
                }
                return null;
              });
      handled.add(new Handled(signal, set(signal, proxy)));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java has no jdk.unsupported module", e);
    }
  }

  /** Gives the handler that was there before. */
  private static Object set(Object signal, Object handler) {
    try {
      Method handle =
          signal
              .getClass()
              .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"));
      return Objects.requireNonNull(handle.invoke(null, signal, handler));
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("signal " + signal + " can't be handled", e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this Java has no jdk.unsupported module", e);
    }
  }

  private static void resize(Steering job) {
    try {
      Terminal.Size size = Terminal.size();
      job.resize(size.rows(), size.columns());
    } catch (SyscallException e) {
      return; // The terminal went away; what reads from it will see that.
    }
  }

  @Override
  public void close() {
    handled.forEach(h -> set(h.signal(), h.handlerBefore()));
  }
}
