package dev.mayfly.runner.gitlab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Public keys that tokens are verified with (RFC 7517): RSA for RS256, P-256 for ES256. */
final class Jwks {
  private static final int LONGEST_FILE = 1 << 20;
  private static final int SHORTEST_RSA = 2048;

  private final List<Key> keys;

  private Jwks(List<Key> keys) {
    this.keys = List.copyOf(keys);
  }

  /**
   * A key.
   *
   * @param id that tokens name it by
   * @param token the algorithm as tokens have it
   * @param java the same as Java has it
   */
  private record Key(Optional<String> id, PublicKey key, String token, String java) {}

  /**
   * Reads a file of the operator's.
   *
   * @throws IOException with cause and remedy, where it has no key that tokens can be verified with
   */
  static Jwks read(Path file) throws IOException {
    byte[] json;
    try (InputStream in = Files.newInputStream(file)) {
      json = in.readNBytes(LONGEST_FILE);
    } catch (IOException e) {
      throw new IOException("jwks-file " + file + " can't be read: make it anew", e);
    }
    List<Key> keys = new ArrayList<>();
    try {
      for (JsonNode one : JsonMapper.builder().build().readTree(json).path("keys")) {
        key(one).ifPresent(keys::add);
      }
    } catch (JsonProcessingException e) {
      throw new IOException("jwks-file " + file + " is no JSON: make it anew", e);
    }
    if (keys.isEmpty()) {
      throw new IOException(
          "jwks-file "
              + file
              + " has no RSA or P-256 key: copy INSTANCE/oauth/discovery/keys there");
    }
    return new Jwks(keys);
  }

  private static Optional<Key> key(JsonNode node) {
    Optional<String> id =
        node.path("kid").isTextual() ? Optional.of(node.path("kid").asText()) : Optional.empty();
    if (node.path("use").asText("sig").equals("enc")) {
      return Optional.empty();
    }
    try {
      return switch (node.path("kty").asText()) {
        case "RSA" -> {
          RSAPublicKey key =
              (RSAPublicKey)
                  KeyFactory.getInstance("RSA")
                      .generatePublic(new RSAPublicKeySpec(number(node, "n"), number(node, "e")));
          yield key.getModulus().bitLength() < SHORTEST_RSA
              ? Optional.empty()
              : Optional.of(new Key(id, key, "RS256", "SHA256withRSA"));
        }
        case "EC" ->
            node.path("crv").asText().equals("P-256")
                ? Optional.of(new Key(id, point(node), "ES256", "SHA256withECDSAinP1363Format"))
                : Optional.empty();
        default -> Optional.empty();
      };
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static PublicKey point(JsonNode node) throws GeneralSecurityException {
    AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
    curve.init(new ECGenParameterSpec("secp256r1"));
    return KeyFactory.getInstance("EC")
        .generatePublic(
            new ECPublicKeySpec(
                new ECPoint(number(node, "x"), number(node, "y")),
                curve.getParameterSpec(ECParameterSpec.class)));
  }

  private static BigInteger number(JsonNode node, String name) {
    return new BigInteger(1, Base64.getUrlDecoder().decode(node.path(name).asText()));
  }

  /**
   * Whether one of the keys has signed a token. A token says by which algorithm and may say by
   * which key, and neither has another one tried.
   */
  boolean verify(Jwt token) {
    JsonNode header = token.header();
    if (header.has("crit")) {
      return false;
    }
    String algorithm = header.path("alg").asText();
    return keys.stream()
        .filter(key -> key.token().equals(algorithm))
        .filter(
            key -> !header.has("kid") || key.id().equals(Optional.of(header.path("kid").asText())))
        .anyMatch(key -> verifies(key, token));
  }

  private static boolean verifies(Key key, Jwt token) {
    try {
      Signature signature = Signature.getInstance(key.java());
      signature.initVerify(key.key());
      signature.update(token.signed());
      return signature.verify(token.signature());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
