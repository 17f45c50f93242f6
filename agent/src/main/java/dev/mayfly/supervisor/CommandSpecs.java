package dev.mayfly.supervisor;

import dev.mayfly.sandbox.CommandSpec;
import dev.mayfly.sandbox.InitFrame;
import dev.mayfly.sandbox.JobUser;
import dev.mayfly.sandbox.Sandbox;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts commands into the words of a sandbox's PID 1. */
final class CommandSpecs {
  private static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private CommandSpecs() {}

  /** A command as the sandbox's user, in a directory of the sandbox. */
  static CommandSpec of(Sandbox sandbox, CommandRequest request, String directory) {
    JobUser user = sandbox.user();
    return new CommandSpec(
        user.uid(),
        user.gid(),
        user.groups(),
        request.terminal().isPresent() ? InitFrame.Mode.PTY : InitFrame.Mode.PIPES,
        request.terminal().map(CommandRequest.TerminalSize::rows).orElse(0),
        request.terminal().map(CommandRequest.TerminalSize::columns).orElse(0),
        directory.getBytes(StandardCharsets.UTF_8),
        request.arguments(),
        environment(sandbox, request));
  }

  /** The image's variables, the user's home, then the request's; later ones win. */
  private static List<byte[]> environment(Sandbox sandbox, CommandRequest request) {
    Map<String, byte[]> variables = new LinkedHashMap<>();
    put(variables, DEFAULT_PATH.getBytes(StandardCharsets.UTF_8));
    put(variables, ("HOME=" + sandbox.user().home()).getBytes(StandardCharsets.UTF_8));
    for (String variable : sandbox.plan().image().environment()) {
      put(variables, variable.getBytes(StandardCharsets.UTF_8));
    }
    request.environment().forEach(variable -> put(variables, variable));
    return new ArrayList<>(variables.values());
  }

  private static void put(Map<String, byte[]> variables, byte[] variable) {
    String text = new String(variable, StandardCharsets.ISO_8859_1);
    int equals = text.indexOf('=');
    if (equals > 0) {
      variables.put(text.substring(0, equals), variable);
    }
  }
}
