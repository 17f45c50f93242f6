package dev.mayfly.hook;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts a call together from its frames, which come from a process that is not trusted much. */
final class HookCallReader {
  private static final int MOST_ARGUMENTS = 16;
  private static final int MOST_ENVIRONMENT = 8 << 20;
  private static final int MOST_VARIABLES = 1 << 16;
  private static final int MOST_RESPONSE = 16 << 20;
  private static final int MOST_SCRIPT = 64 << 20;

  private final List<String> arguments = new ArrayList<>();
  private final Map<String, byte[]> environment = new LinkedHashMap<>();
  private final ByteArrayOutputStream script = new ByteArrayOutputStream();
  private @Nullable ByteArrayOutputStream response;
  private int environmentBytes;
  private int variables;

  /**
   * Takes the next frame.
   *
   * @return the call, where this was its last
   */
  Optional<HookCall> take(HookFrame frame) throws HookProtocolException {
    switch (frame) {
      case HookFrame.Argument argument -> {
        if (arguments.size() == MOST_ARGUMENTS) {
          throw new HookProtocolException("more than " + MOST_ARGUMENTS + " arguments");
        }
        arguments.add(new String(argument.text(), StandardCharsets.UTF_8));
      }
      case HookFrame.Variable variable -> variable(variable.text());
      case HookFrame.Response part -> {
        ByteArrayOutputStream whole = response;
        if (whole == null) {
          whole = new ByteArrayOutputStream();
          response = whole;
        }
        add(whole, part.bytes(), MOST_RESPONSE, "job response");
      }
      case HookFrame.Script part -> add(script, part.bytes(), MOST_SCRIPT, "script");
      case HookFrame.Go _ -> {
        return Optional.of(call());
      }
      case HookFrame.Signal _ -> throw new HookProtocolException("a signal before the call");
    }
    return Optional.empty();
  }

  private void variable(byte[] text) throws HookProtocolException {
    environmentBytes += text.length;
    if (environmentBytes > MOST_ENVIRONMENT) {
      throw new HookProtocolException("an environment above " + MOST_ENVIRONMENT + " bytes");
    }
    if (++variables > MOST_VARIABLES) {
      throw new HookProtocolException("more than " + MOST_VARIABLES + " variables");
    }
    for (int i = 1; i < text.length; i++) {
      if (text[i] == '=') {
        byte[] value = Arrays.copyOfRange(text, i + 1, text.length);
        environment.putIfAbsent(new String(text, 0, i, StandardCharsets.UTF_8), value);
        return;
      }
    }
  }

  private static void add(ByteArrayOutputStream whole, byte[] part, int most, String what)
      throws HookProtocolException {
    if (whole.size() + part.length > most) {
      throw new HookProtocolException("a " + what + " above " + most + " bytes");
    }
    whole.writeBytes(part);
  }

  private HookCall call() throws HookProtocolException {
    if (arguments.isEmpty()) {
      throw new HookProtocolException("a call without a name");
    }
    ByteArrayOutputStream told = response;
    return new HookCall(
        arguments.getFirst(),
        arguments.subList(1, arguments.size()),
        environment,
        told == null ? Optional.empty() : Optional.of(told.toByteArray()),
        script.toByteArray());
  }
}
