package dev.mayfly.cli;

import dev.mayfly.config.ConfigException;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.job.Printable;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.SeccompProfiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The doctor: what this host can enforce, and what to do about what it can't. */
@Command(
    name = "check",
    description = {
      "Checks what this host can enforce, and says what to do about what it can't.",
      "Exits with 1 if a job would be refused."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Mixin private ConfigOption configOption = new ConfigOption();

  private enum Level {
    OK,
    WEAK,
    MISSING
  }

  private record Row(Level level, String what, String found) {}

  private final List<Row> rows = new ArrayList<>();

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    row(Level.OK, "configuration", config.policies().size() + " policies");
    installation();
    cgroups();
    engine(config);
    rows.forEach(
        row ->
            System.out.printf(
                Locale.ROOT,
                "%-8s %-18s %s%n",
                row.level().name().toLowerCase(Locale.ROOT),
                row.what(),
                Printable.escaped(row.found())));
    return rows.stream().anyMatch(row -> row.level() == Level.MISSING) ? 1 : 0;
  }

  private void row(Level level, String what, String found) {
    rows.add(new Row(level, what, found));
  }

  private void installation() {
    try {
      Path home = Host.home();
      SeccompProfiles profiles = SeccompProfiles.load(home.resolve("seccomp"));
      row(
          Level.OK,
          "seccomp profile",
          profiles.with(Policy.DEFAULT.seccompKnobs()).length() + " bytes");
      boolean init = Files.isExecutable(home.resolve("libexec/mayfly-init"));
      row(
          init ? Level.OK : Level.MISSING,
          "mayfly-init",
          init ? "executable" : "not found; install or build Mayfly again");
    } catch (IOException e) {
      row(Level.MISSING, "installation", String.valueOf(e.getMessage()));
    }
    boolean loop = Files.isWritable(Path.of("/dev/loop-control"));
    row(
        loop ? Level.OK : Level.MISSING,
        "loop devices",
        loop ? "usable" : "/dev/loop-control can't be written; run as root, or: modprobe loop");
  }

  private void cgroups() {
    try {
      Cgroups cgroups = Cgroups.detect();
      for (String controller : List.of("memory", "pids", "cpu")) {
        boolean there = cgroups.withController(controller).isPresent();
        row(
            there ? Level.OK : Level.MISSING,
            "cgroup " + controller,
            there
                ? cgroups.mode().name().toLowerCase(Locale.ROOT)
                : "no such controller; enable it on the kernel's command line");
      }
    } catch (IOException e) {
      row(Level.MISSING, "cgroups", String.valueOf(e.getMessage()));
    }
  }

  private void engine(MayflyConfig config) {
    Path socket = Host.socket(config.engine());
    try (Engine engine = DockerEngine.connect(socket)) {
      EngineFacts facts = engine.facts();
      row(Level.OK, "engine", facts.product() + " " + facts.version() + " on " + socket);
      row(
          facts.userNamespace() ? Level.OK : Level.WEAK,
          "user namespace",
          facts.userNamespace()
              ? "in force"
              : "not in force: root of a sandbox is root of the host behind its other confinement;"
                  + " start the engine with --userns-remap");
      boolean overlay = facts.storageDriver().startsWith("overlay");
      row(
          overlay ? Level.OK : Level.MISSING,
          "disk bound",
          facts.storageDriver()
              + (overlay ? "" : "; start the engine with --storage-driver overlay2"));
      for (Policy policy : config.policies()) {
        image(engine, policy);
      }
    } catch (EngineException e) {
      row(Level.MISSING, "engine", String.valueOf(e.getMessage()));
    }
  }

  private void image(Engine engine, Policy policy) throws EngineException {
    try {
      row(Level.OK, "image", policy.image() + " " + engine.image(policy.image().toString()).id());
    } catch (EngineException.Missing e) {
      row(
          Level.MISSING,
          "image",
          policy.image()
              + " of policy "
              + policy.name()
              + " is not in the engine; make the base image with packaging/image/mayfly-base, or load it");
    }
  }
}
