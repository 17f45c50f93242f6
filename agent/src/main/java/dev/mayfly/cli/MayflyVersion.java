package dev.mayfly.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
final class MayflyVersion implements IVersionProvider {

  static String text() {
    return Objects.requireNonNullElse(
        MayflyVersion.class.getPackage().getImplementationVersion(), "unreleased");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"mayfly " + text()};
  }
}
