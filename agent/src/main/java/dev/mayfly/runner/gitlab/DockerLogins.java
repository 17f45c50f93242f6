package dev.mayfly.runner.gitlab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.engine.RegistryLogin;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Logins to registries in the form of Docker's {@code config.json}. Its text has nothing of them.
 *
 * @param trouble what can't be used of it, a line each with cause and remedy, for whoever wrote it
 * @param secrets what no log and no report may have
 */
record DockerLogins(List<RegistryLogin> all, List<String> trouble, List<String> secrets) {
  static final DockerLogins NONE = new DockerLogins(List.of(), List.of(), List.of());

  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final int MOST_ENTRIES = 100;
  private static final String AUTHS = "auths";
  private static final List<String> SECRET =
      List.of("auth", "password", "identitytoken", "registrytoken");
  private static final String FORM = "{\"auths\": {\"registry.example.org\": {\"auth\": \"…\"}}}";

  DockerLogins {
    all = List.copyOf(all);
    trouble = List.copyOf(trouble);
    secrets = List.copyOf(secrets);
  }

  /**
   * Reads them. What can't be used is told of, and the rest is used.
   *
   * @param name of the variable or file, for messages
   */
  static DockerLogins parse(String name, String json) {
    if (json.isBlank()) {
      return NONE;
    }
    Optional<JsonNode> config = config(json);
    if (config.isEmpty()) {
      return new DockerLogins(
          List.of(), List.of(name + " is not used: it is no JSON such as " + FORM), List.of(json));
    }
    Reading reading = new Reading(name);
    reading.read(config.get());
    return new DockerLogins(reading.logins, reading.trouble, reading.secrets);
  }

  private static Optional<JsonNode> config(String json) {
    try {
      JsonNode root = JSON.readTree(json);
      JsonNode auths = root.path(AUTHS);
      return root.isObject() && (auths.isObject() || auths.isMissingNode())
          ? Optional.of(root)
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty(); // Its message would have a piece of the text, which has passwords.
    }
  }

  private static final class Reading {
    private final String name;
    private final List<RegistryLogin> logins = new ArrayList<>();
    private final List<String> trouble = new ArrayList<>();
    private final List<String> secrets = new ArrayList<>();

    Reading(String name) {
      this.name = name;
    }

    void read(JsonNode config) {
      for (String helper : List.of("credHelpers", "credsStore")) {
        if (!config.path(helper).isEmpty() || !config.path(helper).asText("").isEmpty()) {
          trouble.add(
              helper
                  + " of "
                  + name
                  + " is not supported, as no program of the host runs for a job: write logins"
                  + " under auths");
        }
      }
      List<Map.Entry<String, JsonNode>> entries = List.copyOf(config.path(AUTHS).properties());
      entries.stream()
          .limit(MOST_ENTRIES)
          .forEach(entry -> entry(entry.getKey(), entry.getValue()));
      if (entries.size() > MOST_ENTRIES) {
        trouble.add(
            name
                + " has "
                + entries.size()
                + " entries under auths, of which the first "
                + MOST_ENTRIES
                + " are used: delete those that the job's images don't need");
      }
    }

    private void entry(String registry, JsonNode entry) {
      SECRET.stream()
          .map(key -> entry.path(key).asText(""))
          .filter(secret -> !secret.isEmpty())
          .forEach(secrets::add);
      String auth = entry.path("auth").asText("");
      Optional<RegistryLogin> login =
          auth.isEmpty()
              ? login(
                  registry, entry.path("username").asText(""), entry.path("password").asText(""))
              : decoded(auth)
                  .flatMap(
                      pair ->
                          login(
                              registry,
                              pair.substring(0, pair.indexOf(':')),
                              pair.substring(pair.indexOf(':') + 1)));
      login.ifPresentOrElse(
          its -> {
            logins.add(its);
            secrets.add(its.password());
          },
          () ->
              trouble.add(
                  "the entry for "
                      + shown(registry)
                      + " in "
                      + name
                      + " is not used: write auth, the base64 of USER:PASSWORD, or username and"
                      + " password"));
    }

    private static Optional<RegistryLogin> login(String registry, String user, String password) {
      return user.isEmpty() || password.isEmpty()
          ? Optional.empty()
          : Optional.of(new RegistryLogin(registry, user, password));
    }

    /** User and password with a colon between, as text that may end in NULs. */
    private static Optional<String> decoded(String auth) {
      try {
        String pair =
            new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8)
                .replaceFirst("\0+$", "");
        return pair.indexOf(':') < 0 ? Optional.empty() : Optional.of(pair);
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }

    /** A URL can have a password in it. */
    private static String shown(String registry) {
      return registry.matches("[A-Za-z0-9./:_-]{1,200}") ? registry : "a registry of another form";
    }
  }

  /** With others behind: of those for the same, the first holds. */
  DockerLogins and(DockerLogins others) {
    return new DockerLogins(
        Stream.concat(all.stream(), others.all.stream()).toList(),
        Stream.concat(trouble.stream(), others.trouble.stream()).toList(),
        Stream.concat(secrets.stream(), others.secrets.stream()).toList());
  }

  @Override
  public String toString() {
    return "DockerLogins[" + all.size() + "]";
  }
}
