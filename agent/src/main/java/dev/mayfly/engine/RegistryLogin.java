package dev.mayfly.engine;

/**
 * What a registry lets somebody in with. Its text does not hold the password.
 *
 * @param registry host, with its port where one is named
 */
public record RegistryLogin(String registry, String user, String password) {

  @Override
  public String toString() {
    return user + " at " + registry;
  }
}
